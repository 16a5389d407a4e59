// The CUDA language for g++: what a kernel source needs that is no C++. Included before the source, like the compiler's
// own header under nvcc. No header of the C++ library is used, as none is there under NVRTC.
//
//   __shared__   a static variable. One block runs at a time, and before each the driver poisons all of them: the
//                image is linked so that its .bss holds nothing else.
//   barriers     switch to the next fiber. Call sites are told apart by their line, which is how a barrier that only
//                some threads reach is found.
#pragma once
#include "runtime.h"

#define __global__ __attribute__((used))
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __shared__ static
#define __align__(n) __attribute__((aligned(n)))
#define __launch_bounds__(...)
#define __restrict__ __restrict

// Initialised, so that it is not in .bss.
extern "C" __attribute__((visibility("hidden"))) software::Machine* software_machine;
software::Machine* software_machine = reinterpret_cast<software::Machine*>(1);
extern "C" unsigned char __bss_start[], _end[];

#define threadIdx (software_machine->current->index)
#define blockIdx (software_machine->block)
#define blockDim (software_machine->threads)
#define gridDim (software_machine->blocks)
#define warpSize 32

/// Dynamic shared memory; under nvcc an extern array.
#define DYNAMIC_SHARED(T, name) T* name = reinterpret_cast<T*>(software_machine->dynamic)

struct __align__(8) float2 { float x, y; };
struct __align__(16) float4 { float x, y, z, w; };
struct __align__(16) double2 { double x, y; };

inline void __syncthreads(int line = __builtin_LINE()) { software_machine->barrier(line); }
inline void __syncwarp(unsigned mask = 0xffffffffu, int line = __builtin_LINE()) {
  software_machine->collective(mask, line);
}
// One block runs at a time, and its threads one after the other.
inline void __threadfence() { __asm__ volatile("" ::: "memory"); }

namespace software {

/// Shows v to the lanes of the mask, waits until all have come, and tells which side to read.
template <class T>
inline unsigned show(unsigned mask, const T& v, int line) {
  static_assert(sizeof(T) <= EXCHANGE, "a lane shows at most 64 bytes");
  Thread* t = software_machine->current;
  unsigned side = t->exchanges & 1;
  __builtin_memcpy(t->warp->value[side][t->lane], &v, sizeof(T));
  software_machine->collective(mask, line);
  return side;
}

template <class T>
inline T seen(unsigned mask, int lane, unsigned side, int line) {
  if (!(mask >> lane & 1)) software_machine->fault("a lane reads from one that its mask leaves out", line);
  T v;
  __builtin_memcpy(&v, software_machine->current->warp->value[side][lane], sizeof(T));
  return v;
}

}  // namespace software

template <class T>
inline T __shfl_sync(unsigned mask, T v, int from, int width = 32, int line = __builtin_LINE()) {
  unsigned side = software::show(mask, v, line);
  int lane = software_machine->current->lane;
  return software::seen<T>(mask, (lane & ~(width - 1)) | (from & (width - 1)), side, line);
}
template <class T>
inline T __shfl_xor_sync(unsigned mask, T v, int bits, int width = 32, int line = __builtin_LINE()) {
  unsigned side = software::show(mask, v, line);
  int lane = software_machine->current->lane, from = lane ^ bits;
  return (from & ~(width - 1)) > (lane & ~(width - 1)) ? v : software::seen<T>(mask, from, side, line);
}
template <class T>
inline T __shfl_down_sync(unsigned mask, T v, int by, int width = 32, int line = __builtin_LINE()) {
  unsigned side = software::show(mask, v, line);
  int lane = software_machine->current->lane;
  return (lane & (width - 1)) + by < width ? software::seen<T>(mask, lane + by, side, line) : v;
}
inline unsigned __ballot_sync(unsigned mask, int yes, int line = __builtin_LINE()) {
  unsigned side = software::show(mask, yes, line), votes = 0;
  for (int i = 0; i < 32; i++)
    if (mask >> i & 1) votes |= (unsigned)(software::seen<int>(mask, i, side, line) != 0) << i;
  return votes;
}
inline int __ffs(unsigned x) { return __builtin_ffs((int)x); }
inline int __any_sync(unsigned mask, int yes, int line = __builtin_LINE()) {
  return __ballot_sync(mask, yes, line) != 0;
}

template <class T>
inline T atomicAdd(T* at, T v) {
  T old = *at;
  *at = old + v;
  return old;
}

inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float sqrtf(float x) { return __builtin_sqrtf(x); }
inline double sqrt(double x) { return __builtin_sqrt(x); }
inline float fabsf(float x) { return __builtin_fabsf(x); }
inline double fabs(double x) { return __builtin_fabs(x); }
inline int __float_as_int(float x) { int u; __builtin_memcpy(&u, &x, 4); return u; }
inline float __int_as_float(int u) { float x; __builtin_memcpy(&x, &u, 4); return x; }
inline unsigned __float_as_uint(float x) { unsigned u; __builtin_memcpy(&u, &x, 4); return u; }
inline float __uint_as_float(unsigned u) { float x; __builtin_memcpy(&x, &u, 4); return x; }
inline long long __double_as_longlong(double x) { long long u; __builtin_memcpy(&u, &x, 8); return u; }
inline double __longlong_as_double(long long u) { double x; __builtin_memcpy(&x, &u, 8); return x; }

// What g++ calls under -fsanitize=bounds,alignment: an index outside an array, shared ones included, and an address
// that a load of 8 or 16 bytes does not divide.
extern "C" {
struct software_Place { const char* file; unsigned line, column; };
__attribute__((visibility("hidden"))) void __ubsan_handle_out_of_bounds(software_Place* place, unsigned long) {
  software_machine->fault("an index is outside its array", place->line);
}
__attribute__((visibility("hidden"))) void __ubsan_handle_type_mismatch_v1(software_Place* place, unsigned long) {
  software_machine->fault("an address is not aligned to what is read or written", place->line);
}
}

namespace software {

template <int... I> struct Sequence {};
template <int N, int... I> struct Count : Count<N - 1, N - 1, I...> {};
template <int... I> struct Count<0, I...> { using type = Sequence<I...>; };
template <class T> struct Plain { using type = T; };
template <class T> struct Plain<const T> { using type = T; };

template <class... A, int... I>
inline void call(void (*kernel)(A...), void** arguments, Sequence<I...>) {
  kernel(*static_cast<typename Plain<A>::type*>(arguments[I])...);
}
template <class... A>
inline void call(void (*kernel)(A...), void** arguments) {
  call(kernel, arguments, typename Count<sizeof...(A)>::type());
}
template <class... A>
struct Sizes {
  static constexpr unsigned bytes[] = {(unsigned)sizeof(A)..., 0};
};
template <class... A>
constexpr const unsigned* sizes(void (*)(A...)) {
  return Sizes<A...>::bytes;
}

}  // namespace software

// Appended by the compiler (nvrtc.cpp) for each kernel that it finds in the source. Constants all of it: a variable that
// is initialised when first used would be in .bss, among the shared ones.
#define SOFTWARE_KERNEL(name)                                                                                    \
  static void software_run_##name(void** arguments) { software::call(&name, arguments); }                        \
  static __constinit const software::Kernel software_description_##name = {                                      \
      software_run_##name, software::sizes(&name), &software_machine, __bss_start, _end};                        \
  extern "C" __attribute__((visibility("default"))) const software::Kernel* software_kernel_##name() {           \
    return &software_description_##name;                                                                         \
  }
