#include "memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>

namespace software {
namespace {

constexpr std::size_t PAGE = 4096, RESERVED = std::size_t(1) << 42;
/// What a load of 16 bytes needs; the real driver gives 256, on which no kernel may build.
constexpr std::size_t ALIGNMENT = 16;
constexpr unsigned char POISON = 0xFF;
/// A signalling NaN: arithmetic on it gives other bits, so that even writing back what was read is noticed.
constexpr std::uint32_t ZONE = 0xFFA5A5A5u;

struct Block {
  std::size_t bytes;
  char* pages;
  std::size_t length;  // of the pages
  bool freed;
};

std::map<char*, Block> blocks;
char *next, *end;
std::size_t inUse;

std::size_t up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

unsigned char zone(const char* at) {
  return (unsigned char)(ZONE >> (reinterpret_cast<std::uintptr_t>(at) & 3) * 8);
}

bool reserve() {
  if (next) return true;
  void* m = mmap(nullptr, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (m == MAP_FAILED) return false;
  next = static_cast<char*>(m);
  end = next + RESERVED;
  return true;
}

std::string damageOf(char* at, const Block& b) {
  char text[160] = "";
  for (char* p = b.pages; p < at && !*text; p++) {
    if ((unsigned char)*p != zone(p)) {
      std::snprintf(text, sizeof text, "write %td bytes before the begin of a buffer of %zu bytes", at - p, b.bytes);
    }
  }
  for (char* p = at + b.bytes; p < b.pages + b.length && !*text; p++) {
    if ((unsigned char)*p != zone(p)) {
      std::snprintf(text, sizeof text, "write %td bytes past the end of a buffer of %zu bytes", p - at - b.bytes,
                    b.bytes);
    }
  }
  return text;
}

}  // namespace

void* allocate(std::size_t bytes) {
  std::size_t length = up(bytes, PAGE);
  if (!reserve() || bytes > TOTAL - inUse || length + PAGE > std::size_t(end - next)) return nullptr;
  char* pages = next + PAGE;
  if (mprotect(pages, length, PROT_READ | PROT_WRITE) != 0) return nullptr;
  next = pages + length;
  char* at = pages + (length - up(bytes, ALIGNMENT));
  for (char* p = pages; p < at; p++) *p = (char)zone(p);
  std::memset(at, POISON, bytes);
  for (char* p = at + bytes; p < pages + length; p++) *p = (char)zone(p);
  blocks[at] = {bytes, pages, length, false};
  inUse += bytes;
  return at;
}

bool release(void* at, std::string& damage) {
  auto found = blocks.find(static_cast<char*>(at));
  if (found == blocks.end() || found->second.freed) return false;
  Block& b = found->second;
  damage = damageOf(found->first, b);
  inUse -= b.bytes;
  b.freed = true;
  // Fresh reserved pages in place of the old ones: the memory goes back to the system, the addresses do not.
  mmap(b.pages, b.length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  // The last freed ones are remembered for messages.
  static std::map<char*, Block>::size_type forgotten = 0;
  if (blocks.size() - forgotten > 100000) {
    for (auto it = blocks.begin(); it != blocks.end();) it = it->second.freed ? blocks.erase(it) : std::next(it);
    forgotten = blocks.size();
  }
  return true;
}

bool inside(const void* at, std::size_t bytes) {
  if (bytes == 0) return true;
  char* p = const_cast<char*>(static_cast<const char*>(at));
  auto after = blocks.upper_bound(p);
  if (after == blocks.begin()) return false;
  auto& [begin, b] = *std::prev(after);
  return !b.freed && p + bytes <= begin + b.bytes;
}

std::size_t used() { return inUse; }

std::string damage() {
  for (auto& [at, b] : blocks) {
    if (!b.freed) {
      std::string d = damageOf(at, b);
      if (!d.empty()) return d;
    }
  }
  return "";
}

std::string explain(const void* address) {
  const char* p = static_cast<const char*>(address);
  if (!next || p < end - RESERVED || p >= end) return "";
  char text[160];
  auto after = blocks.upper_bound(const_cast<char*>(p));
  if (after != blocks.begin()) {
    auto& [at, b] = *std::prev(after);
    if (b.freed && p < at + b.bytes) {
      std::snprintf(text, sizeof text, "element at byte %td of a buffer of %zu bytes that was freed", p - at, b.bytes);
      return text;
    }
    if (p < b.pages + b.length + PAGE) {
      std::snprintf(text, sizeof text, "%td bytes past the end of a buffer of %zu bytes", p - at - b.bytes, b.bytes);
      return text;
    }
  }
  if (after != blocks.end()) {
    auto& [at, b] = *after;
    std::snprintf(text, sizeof text, "%td bytes before the begin of a buffer of %zu bytes", at - p, b.bytes);
    return text;
  }
  return "";
}

}  // namespace software
