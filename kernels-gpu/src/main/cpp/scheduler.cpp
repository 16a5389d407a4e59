#include "scheduler.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#if !defined(__x86_64__)
#error "the software GPU switches fibers in x86-64 assembler"
#endif

namespace software {
namespace {

constexpr std::size_t STACK = 64 * 1024, PAGE = 4096;
constexpr int MOST_THREADS = 1024;
/// A NaN in every element type.
constexpr int POISON = 0xFF;

enum class State { NEW, READY, AT_BARRIER, IN_COLLECTIVE, ENDED };

struct Fiber {
  Thread thread;
  State state;
  void* sp;
  int stack;  // index, -1 before it starts and after it ends
  unsigned mask;
  int line;
};

Machine machine;
std::vector<Fiber> fibers(MOST_THREADS);
std::vector<Exchange> exchanges(MOST_THREADS / WARP);
std::vector<int> freeStacks;
char* stacks;
void* schedulerStack;
const Launch* running;
Explain explainAddress;
volatile pid_t kernelThread;  // which runs kernels now, or 0
std::string failure;
std::uint64_t randomState;

extern "C" void software_switch(void** save, void* to);
// Saves what the calling convention keeps, and goes on where the other stack stopped.
asm(R"(
.text
.p2align 4
.hidden software_switch
.globl software_switch
.type software_switch,@function
software_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size software_switch,.-software_switch
)");

Fiber& current() { return *static_cast<Fiber*>(machine.current->scheduling); }

void yield(State state) {
  Fiber& f = current();
  f.state = state;
  software_switch(&f.sp, schedulerStack);
}

std::string place(const Fiber& f) {
  char text[200];
  const Index &b = machine.block, &t = f.thread.index;
  std::snprintf(text, sizeof text, "thread (%u, %u, %u) of block (%u, %u, %u)", t.x, t.y, t.z, b.x, b.y, b.z);
  return text;
}

void fail(const std::string& what) {
  if (failure.empty()) failure = std::string(running->name) + ": " + what;
}

// What kernels call.

void atBarrier(int line) {
  current().line = line;
  yield(State::AT_BARRIER);
}

void inCollective(unsigned mask, int line) {
  Fiber& f = current();
  if (!(mask >> f.thread.lane & 1)) {
    fail(place(f) + ": its own lane is not in the mask of its warp operation, line " + std::to_string(line));
    yield(State::ENDED);
  }
  f.thread.exchanges++;
  f.mask = mask;
  f.line = line;
  yield(State::IN_COLLECTIVE);
}

void onFault(const char* what, int line) {
  fail(place(current()) + ": " + what + ", line " + std::to_string(line));
  yield(State::ENDED);
}

// Access beyond memory: the handler leaves the fiber for good.

struct sigaction before[NSIG];
const int CAUGHT[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};

void onSignal(int signal, siginfo_t* info, void* context) {
  // Signals of other threads are none of ours: a JVM lives on them.
  if (kernelThread != 0 && gettid() == kernelThread) {
    std::string known = explainAddress(info->si_addr);
    const char* kind = signal == SIGFPE   ? "divides a whole number by zero"
                       : signal == SIGILL ? "executes what is no instruction"
                                          : "touches memory that is not allocated";
    fail(place(current()) + " " + kind + (known.empty() ? "" : ": " + known));
    yield(State::ENDED);
  }
  struct sigaction& old = before[signal];
  if (old.sa_flags & SA_SIGINFO) {
    old.sa_sigaction(signal, info, context);
  } else if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) {
    old.sa_handler(signal);
  } else {
    sigaction(signal, &old, nullptr);
  }
}

/// The handlers stay only while kernels run: nothing of the host program is changed otherwise.
class Signals {
 public:
  Signals() {
    static char* alternate = new char[SIGSTKSZ + 64 * 1024];
    stack_t own = {};
    own.ss_sp = alternate;
    own.ss_size = SIGSTKSZ + 64 * 1024;
    sigaltstack(&own, &stackBefore);
    struct sigaction act = {};
    act.sa_sigaction = onSignal;
    act.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigfillset(&act.sa_mask);
    for (int s : CAUGHT) {
      sigdelset(&act.sa_mask, s);
    }
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_BLOCK, &none, &maskBefore);
    for (int s : CAUGHT) sigaction(s, &act, &before[s]);
  }
  ~Signals() {
    for (int s : CAUGHT) sigaction(s, &before[s], nullptr);
    sigaltstack(&stackBefore, nullptr);
    // A handler that is left by a switch leaves signals blocked.
    pthread_sigmask(SIG_SETMASK, &maskBefore, nullptr);
  }

 private:
  stack_t stackBefore;
  sigset_t maskBefore;
};

// Fibers.

void body() {
  running->kernel->run(running->arguments);
  yield(State::ENDED);
}

int takeStack() {
  int s = freeStacks.back();
  freeStacks.pop_back();
  return s;
}

/// Runs a thread until it waits or ends. A stack is taken when a thread starts and given back when it ends, so that a
/// kernel without barriers runs on one stack, hot in the cache.
void resume(Fiber& f) {
  if (f.state == State::NEW) {
    f.stack = takeStack();
    // Stacks that begin at the same offset of a page would share the same few cache sets.
    char* top = stacks + (f.stack + 1) * STACK - 64 * (1 + f.stack % 31);
    void** sp = reinterpret_cast<void**>(top);
    *--sp = nullptr;  // where body would return to
    *--sp = reinterpret_cast<void*>(body);
    for (int i = 0; i < 6; i++) *--sp = nullptr;
    f.sp = sp;
  }
  f.state = State::READY;
  machine.current = &f.thread;
  software_switch(&schedulerStack, f.sp);
  if (f.state == State::ENDED) freeStacks.push_back(f.stack);
}

std::uint64_t next() {
  randomState = randomState * 6364136223846793005ull + 1442695040888963407ull;
  return randomState >> 33;
}

/// The numbers below n in this launch's order.
void permute(std::vector<int>& order, int n) {
  order.resize(n);
  for (int i = 0; i < n; i++) order[i] = running->order == Order::REVERSED ? n - 1 - i : i;
  if (running->order == Order::SHUFFLED) {
    for (int i = n - 1; i > 0; i--) std::swap(order[i], order[next() % (i + 1)]);
  }
}

/// Lets every group of lanes go on that has come to the same collective.
bool release(Fiber* warp, int lanes) {
  bool any = false;
  for (int i = 0; i < lanes; i++) {
    Fiber& f = warp[i];
    if (f.state != State::IN_COLLECTIVE) continue;
    bool complete = lanes == WARP || f.mask >> lanes == 0;
    for (int j = 0; j < lanes && complete; j++) {
      Fiber& g = warp[j];
      if (!(f.mask >> j & 1)) continue;
      complete = g.state == State::IN_COLLECTIVE && g.mask == f.mask && g.thread.exchanges == f.thread.exchanges;
      if (complete && g.line != f.line) {
        fail(place(g) + ": divergent warp operation, line " + std::to_string(g.line) + " here and line " +
             std::to_string(f.line) + " in another lane");
        return false;
      }
    }
    if (!complete) continue;
    any = true;
    unsigned mask = f.mask;
    for (int j = 0; j < lanes; j++) {
      if (mask >> j & 1) warp[j].state = State::READY;
    }
  }
  return any;
}

std::string waiting(const Fiber& f) {
  if (f.state == State::ENDED) return "has ended";
  return (f.state == State::AT_BARRIER ? "waits at __syncthreads, line " : "waits in a warp operation, line ") +
         std::to_string(f.line);
}

/// All live threads wait and none can go on, or barriers of different lines have met.
void divergent(int n) {
  const Fiber& first = fibers[0];
  for (int i = 1; i < n; i++) {
    const Fiber& f = fibers[i];
    if (f.state != first.state || f.line != first.line) {
      fail("divergent barrier: " + place(first) + " " + waiting(first) + ", " + place(f) + " " + waiting(f));
      return;
    }
  }
  fail("divergent barrier: " + place(first) + " " + waiting(first) + " for lanes that do not come");
}

void reset(int n) {
  const Index& t = running->threads;
  for (int i = 0; i < n; i++) {
    Fiber& f = fibers[i];
    f.thread.index = {i % t.x, i / t.x % t.y, i / (t.x * t.y)};
    f.thread.lane = i % WARP;
    f.thread.warp = &exchanges[i / WARP];
    f.thread.exchanges = 0;
    f.thread.copies = 0;
    f.thread.group = 0;
    f.thread.scheduling = &f;
    f.state = State::NEW;
    f.line = 0;
  }
}

void runBlock(int n) {
  static std::vector<int> warps, lanes;
  reset(n);
  int count = (n + WARP - 1) / WARP;
  while (failure.empty()) {
    permute(warps, count);
    for (int w : warps) {
      int first = w * WARP, size = n - first < WARP ? n - first : WARP;
      do {
        permute(lanes, size);
        for (int l : lanes) {
          Fiber& f = fibers[first + l];
          if (f.state == State::NEW || f.state == State::READY) resume(f);
          if (!failure.empty()) return;
        }
      } while (release(&fibers[first], size));
    }
    int ended = 0, met = 0;
    for (int i = 0; i < n; i++) {
      ended += fibers[i].state == State::ENDED;
      met += fibers[i].state == State::AT_BARRIER && fibers[i].line == fibers[0].line;
    }
    if (ended == n) return;
    if (met < n) return divergent(n);
    for (int i = 0; i < n; i++) fibers[i].state = State::READY;
  }
}

void prepare() {
  if (stacks) return;
  std::size_t bytes = MOST_THREADS * STACK;
  void* m = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (m == MAP_FAILED) std::abort();
  stacks = static_cast<char*>(m);
  // The lowest page of each stack: a local array that is too large is an error, not a neighbour's trouble.
  for (int i = 0; i < MOST_THREADS; i++) mprotect(stacks + i * STACK, PAGE, PROT_NONE);
  machine.barrier = atBarrier;
  machine.collective = inCollective;
  machine.fault = onFault;
}

}  // namespace

std::string run(const Launch& launch, Explain explain) {
  static std::vector<unsigned char> dynamic;
  static std::vector<int> blocks;
  prepare();
  running = &launch;
  explainAddress = explain;
  failure.clear();
  randomState = 1;
  freeStacks.clear();
  for (int i = MOST_THREADS - 1; i >= 0; i--) freeStacks.push_back(i);
  dynamic.resize(launch.dynamicBytes + 256);
  machine.dynamic = reinterpret_cast<unsigned char*>((reinterpret_cast<std::uintptr_t>(dynamic.data()) + 255) & ~255ull);
  machine.blocks = launch.blocks;
  machine.threads = launch.threads;
  const Kernel& kernel = *launch.kernel;
  *kernel.machine = &machine;
  int n = launch.threads.x * launch.threads.y * launch.threads.z;
  long count = (long)launch.blocks.x * launch.blocks.y * launch.blocks.z;
  Signals signals;
  kernelThread = gettid();
  for (long i = 0; i < count && failure.empty(); i++) {
    // An odd step prime to the count visits every block once, in an order that looks like none.
    long b = launch.order == Order::FORWARD ? i : count - 1 - i;
    if (launch.order == Order::SHUFFLED) {
      static const long STEPS[] = {7919, 7907, 7901};
      for (long step : STEPS) {
        if (count % step != 0) {
          b = (long)((unsigned long)i * step % count);
          break;
        }
      }
    }
    machine.block = {(unsigned)(b % launch.blocks.x), (unsigned)(b / launch.blocks.x % launch.blocks.y),
                     (unsigned)(b / ((long)launch.blocks.x * launch.blocks.y))};
    std::memset(kernel.shared, POISON, kernel.sharedEnd - kernel.shared);
    std::memset(machine.dynamic, POISON, launch.dynamicBytes);
    runBlock(n);
  }
  kernelThread = 0;
  return failure;
}

}  // namespace software
