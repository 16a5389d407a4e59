// Device memory of the software GPU. Every buffer ends at a page that cannot be touched and begins after one, freed
// buffers stay out of reach for good, new memory is NaN, and the few bytes between a buffer's end and its page's are
// checked: so what an index error touches is either nothing, or noticed.
#pragma once
#include <cstddef>
#include <string>

namespace software {

/// Most that may be allocated at once.
constexpr std::size_t TOTAL = std::size_t(8) << 30;

/// Memory for `bytes`, or null if there is none left.
void* allocate(std::size_t bytes);

/// Whether this was a buffer's beginning. What was written beside the buffer is told in `damage`.
bool release(void* at, std::string& damage);

/// Whether the range lies in one buffer.
bool inside(const void* at, std::size_t bytes);

std::size_t used();

/// What was written beside any buffer, or the empty string.
std::string damage();

/// Which buffer is near the address, or was.
std::string explain(const void* address);

}  // namespace software
