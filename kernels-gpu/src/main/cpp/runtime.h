// What the driver of the software GPU and an image of kernels agree on. A CUDA thread is a fiber: it runs until it
// waits for others, and the scheduler (scheduler.cpp) resumes it when they have come.
#pragma once

namespace software {

struct Index {
  unsigned x, y, z;
};

/// Bytes that one lane may show to the others of its warp at once.
constexpr int EXCHANGE = 64;
constexpr int WARP = 32;

/// What the lanes of a warp show each other; two sides, so that a lane may go on to the next exchange
/// while slower ones still read the last.
struct Exchange {
  alignas(16) unsigned char value[2][WARP][EXCHANGE];
};

/// An asynchronous copy that its thread has not waited for.
struct Copy {
  void* to;
  const void* from;
  int bytes, valid;  // zeros follow the valid ones
  unsigned group;
};
constexpr int MOST_COPIES = 128;

/// A CUDA thread.
struct Thread {
  Index index;       // threadIdx
  int lane;          // place in its warp
  Exchange* warp;    // that warp's slots
  unsigned exchanges;  // collectives so far: two lanes meet at the same number
  void* scheduling;  // the scheduler's own
  int copies;        // asynchronous ones under way
  unsigned group;    // of the next of them
  Copy copy[MOST_COPIES];
};

/// What a kernel sees of the machine. One block runs at a time.
struct Machine {
  Thread* current;
  Index block, blocks, threads;  // blockIdx, gridDim, blockDim
  unsigned char* dynamic;        // dynamic shared memory
  void (*barrier)(int line);
  void (*collective)(unsigned mask, int line);
  void (*fault)(const char* what, int line);  // ends the launch with an error; does not return
};

/// A kernel in an image, found by the symbol software_kernel_NAME.
struct Kernel {
  void (*run)(void** arguments);
  const unsigned* sizes;  // bytes of each argument, then 0
  Machine** machine;      // where the image looks for the machine
  unsigned char* shared;  // static shared memory of all kernels in the image
  unsigned char* sharedEnd;
};

}  // namespace software
