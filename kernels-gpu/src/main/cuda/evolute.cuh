// What every family of kernels includes, and nothing else: neither NVRTC nor the software GPU has standard headers.
//
// Real is the element type, float or double, given by -DREAL. Kernels are compiled with -fmad=false: products and sums
// are fused where the source says madd and nowhere else, so that every compiler gives the same bits.
#pragma once

typedef long long i64;
typedef unsigned u32;
typedef REAL Real;

#ifdef __CUDACC__
#define DYNAMIC_SHARED(T, name)                          \
  extern __shared__ __align__(16) unsigned char name##_[]; \
  T* name = reinterpret_cast<T*>(name##_)
#endif

#define DEV __device__ __forceinline__

/// Threads of a block, and the lanes of a warp.
constexpr int THREADS = 256;
constexpr int LANES = 32;
constexpr u32 ALL_LANES = 0xffffffffu;

DEV float madd(float a, float b, float c) { return fmaf(a, b, c); }
DEV double madd(double a, double b, double c) { return fma(a, b, c); }
DEV float root(float x) { return sqrtf(x); }
DEV double root(double x) { return sqrt(x); }
DEV float magnitude(float x) { return fabsf(x); }
DEV double magnitude(double x) { return fabs(x); }

DEV double infinity() { return __longlong_as_double(0x7ff0000000000000ll); }
DEV bool isNan(double x) { return x != x; }
DEV bool isNegative(double x) { return __double_as_longlong(x) < 0; }

/// The first element of this thread in a loop over n with steps of all threads.
DEV i64 firstElement() { return (i64)blockIdx.x * blockDim.x + threadIdx.x; }
DEV i64 allThreads() { return (i64)gridDim.x * blockDim.x; }

/// Row and column of element i of a matrix with d columns; 64-bit division costs a hundred instructions.
DEV i64 rowOf(i64 i, int d) { return i >> 32 ? i / d : (i64)((u32)i / (u32)d); }
DEV int columnOf(i64 i, int d) { return i >> 32 ? (int)(i % d) : (int)((u32)i % (u32)d); }

/// beta y, without reading y where beta is 0.
template <class T>
DEV T kept(T beta, const T* y, i64 i) {
  return beta == 0 ? T(0) : beta * y[i];
}

/// x + beta y, and x itself where beta is 0: a sum with 0 would lose the sign of -0.
template <class T>
DEV T plusKept(T x, T beta, const T* y, i64 i) {
  return beta == 0 ? x : madd(beta, y[i], x);
}

/// a b + beta y likewise, the product fused.
template <class T>
DEV T productPlusKept(T a, T b, T beta, const T* y, i64 i) {
  return beta == 0 ? a * b : madd(a, b, beta * y[i]);
}

// Sums and extremes over the lanes of a warp and the threads of a block, in an order that is fixed. All threads get the
// result.

/// Of two numbers the larger, NaN before all others, 0 before -0.
DEV double larger(double a, double b) {
  if (isNan(a)) return a;
  if (isNan(b)) return b;
  if (a == b) return isNegative(a) ? b : a;
  return a > b ? a : b;
}

struct Sum {
  static DEV double empty() { return 0; }
  static DEV double of(double a, double b) { return a + b; }
};
struct Largest {
  static DEV double empty() { return -infinity(); }
  static DEV double of(double a, double b) { return larger(a, b); }
};

template <class Op>
DEV double overWarp(double v) {
#pragma unroll
  for (int by = LANES / 2; by > 0; by /= 2) v = Op::of(v, __shfl_xor_sync(ALL_LANES, v, by));
  return v;
}

template <class Op>
DEV double overBlock(double v) {
  __shared__ double parts[THREADS / LANES];
  v = overWarp<Op>(v);
  __syncthreads();  // parts may still be read for the last result
  if (threadIdx.x % LANES == 0) parts[threadIdx.x / LANES] = v;
  __syncthreads();
  v = parts[0];
  for (int i = 1; i < (int)(blockDim.x / LANES); i++) v = Op::of(v, parts[i]);
  return v;
}

/// Kernels over the rows of a matrix give each row a warp or, if it is long, a block: `width` threads.
struct Row {
  i64 index;  // which row
  int lane;   // place among the threads of the row
  int width;

  DEV Row(int width)
      : index((i64)blockIdx.x * (blockDim.x / width) + threadIdx.x / width), lane(threadIdx.x % width), width(width) {}

  template <class Op>
  DEV double over(double v) const {
    return width == LANES ? overWarp<Op>(v) : overBlock<Op>(v);
  }
  DEV double sum(double v) const { return over<Sum>(v); }
};
