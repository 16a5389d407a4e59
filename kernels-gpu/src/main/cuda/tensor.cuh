// Products of f32 matrices on tensor cores (mma.sync, sm_80 and later); product.cuh has the frame.
//
//   A block of 8 warps computes a tile of C, each warp TM x TN fragments of 16 x 8. Operands come to shared memory in f32
//   and are rounded when a lane reads them. Lane 4 g + t reads the pair of k's 2t and 2t + 1 of row g: for BF16 that is
//   how fragments are laid out; for TF32 the k's of a step are permuted, alike on both sides, which leaves the sum as it
//   is. In both layouts pairs of half a warp stand in different banks, by exclusive ors of places in place of pads: three
//   stages of 128 x 128 tiles are then just the 48 KiB that every device gives.
//
//   With two terms an operand is the sum of its rounded value and of its rounded rest, and the product that of three,
//   small ones first: A_rest B + A B_rest + A B. TF32 then has 22 bits, about f32's (Ootomo and Yokota, 2022, who have the
//   rest scaled; in f32's range it need not be), BF16 has 16.
#pragma once
#include "product.cuh"

template <int ROWS_, int DEPTH_>
struct PairsAlongK {
  static constexpr int ROWS = ROWS_, DEPTH = DEPTH_, SIZE = ROWS * DEPTH;
  static constexpr bool ALONG_K = true;
  static DEV int index(int row, int k) { return row * DEPTH + (k ^ (row >> 1 & 1) << 3); }
};
template <int ROWS_, int DEPTH_>
struct PairsAlongRows {
  static constexpr int ROWS = ROWS_, DEPTH = DEPTH_, SIZE = ROWS * DEPTH;
  static constexpr bool ALONG_K = false;
  static DEV int index(int row, int k) { return k * ROWS + (row ^ (k >> 1 & 3) << 3); }
};

/// The elements of a row at k, which is even, and k + 1.
template <class Layout>
DEV float2 pair(const float* slice, int row, int k) {
  if (Layout::ALONG_K) return *reinterpret_cast<const float2*>(slice + Layout::index(row, k));
  float2 both = {slice[Layout::index(row, k)], slice[Layout::index(row, k + 1)]};
  return both;
}

// How a lane rounds its elements of a row in a step of k: into two registers a term.

struct Tf32 {
  static constexpr int STEP = 8;

  template <class Layout, int TERMS>
  static DEV void read(u32 (&x)[TERMS][2], const float* slice, int row, int k, int t) {
    const float2 both = pair<Layout>(slice, row, k + 2 * t);
    x[0][0] = toTf32(both.x);
    x[0][1] = toTf32(both.y);
    if (TERMS == 2) {
      x[TERMS - 1][0] = toTf32(both.x - __uint_as_float(x[0][0]));
      x[TERMS - 1][1] = toTf32(both.y - __uint_as_float(x[0][1]));
    }
  }
  static DEV void multiply(float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) { mmaTf32(d, a, b); }
};

struct Bf16 {
  static constexpr int STEP = 16;

  template <class Layout, int TERMS>
  static DEV void read(u32 (&x)[TERMS][2], const float* slice, int row, int k, int t) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const float2 both = pair<Layout>(slice, row, k + 8 * half + 2 * t);
      const u32 rounded = x[0][half] = toBf16(both.x, both.y);
      if (TERMS == 2) {
        x[TERMS - 1][half] = toBf16(both.x - __uint_as_float(rounded << 16), both.y - __uint_as_float(rounded & 0xffff0000u));
      }
    }
  }
  static DEV void multiply(float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) { mmaBf16(d, a, b); }
};

template <class Number, int TERMS, class Left, class Right>
DEV void tensorTile(const Gemm& g) {
  // 2 x 4 warps.
  constexpr int DOWN = 2, ACROSS = 4, TM = Left::ROWS / DOWN / 16, TN = Right::ROWS / ACROSS / 8;
  static_assert(Left::DEPTH == 16 && Left::ROWS % 32 == 0 && Right::ROWS % 32 == 0, "what the exclusive ors presume");
  const int warp = (int)threadIdx.x / LANES, lane = (int)threadIdx.x % LANES, group = lane / 4, t = lane % 4;
  const int row = warp / ACROSS * (TM * 16) + group, col = warp % ACROSS * (TN * 8);
  const Part p(g, Left::ROWS, Right::ROWS, Left::DEPTH);
  float sums[TM][TN][4] = {};
  overSlices<3, Left, Right>(g, p, [&](const float* left, const float* right) {
#pragma unroll
    for (int k = 0; k < Left::DEPTH; k += Number::STEP) {
      u32 b[TN][TERMS][2];
#pragma unroll
      for (int j = 0; j < TN; j++) Number::template read<Right, TERMS>(b[j], right, col + j * 8 + group, k, t);
#pragma unroll
      for (int i = 0; i < TM; i++) {
        u32 upper[TERMS][2], lower[TERMS][2], a[TERMS][4];
        Number::template read<Left, TERMS>(upper, left, row + i * 16, k, t);
        Number::template read<Left, TERMS>(lower, left, row + i * 16 + 8, k, t);
#pragma unroll
        for (int term = 0; term < TERMS; term++) {
          a[term][0] = upper[term][0];
          a[term][1] = lower[term][0];
          a[term][2] = upper[term][1];
          a[term][3] = lower[term][1];
        }
#pragma unroll
        for (int j = 0; j < TN; j++) {
          if (TERMS == 2) {
            Number::multiply(sums[i][j], a[TERMS - 1], b[j][0]);
            Number::multiply(sums[i][j], a[0], b[j][TERMS - 1]);
          }
          Number::multiply(sums[i][j], a[0], b[j][0]);
        }
      }
    }
  });
#pragma unroll
  for (int i = 0; i < TM; i++) {
#pragma unroll
    for (int j = 0; j < TN; j++) {
      const float upper[2] = {sums[i][j][0], sums[i][j][1]}, lower[2] = {sums[i][j][2], sums[i][j][3]};
      leave<2>(g, p, p.row0 + row + i * 16, p.col0 + col + j * 8 + 2 * t, upper);
      leave<2>(g, p, p.row0 + row + i * 16 + 8, p.col0 + col + j * 8 + 2 * t, lower);
    }
  }
}
