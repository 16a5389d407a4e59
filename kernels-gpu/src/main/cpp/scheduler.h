// Runs the blocks of a launch one after the other, each thread of a block as a fiber.
#pragma once
#include <cstddef>
#include <string>

#include "runtime.h"

namespace software {

/// In which order threads, warps and blocks run where CUDA leaves it open.
enum class Order { FORWARD, REVERSED, SHUFFLED };

struct Launch {
  const char* name;
  const Kernel* kernel;
  Index blocks, threads;
  unsigned dynamicBytes;
  void** arguments;
  Order order;
};

/// What is known of an address that a kernel must not touch, for the error message; empty if nothing is.
using Explain = std::string (*)(const void* address);

/// Runs the launch. Returns the empty string, or what went wrong, where.
std::string run(const Launch& launch, Explain explain);

}  // namespace software
