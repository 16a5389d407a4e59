// What all product kernels share: C = alpha (A B + D E) + beta C with what follows, for every orientation and stride, in
// batches. A block computes a tile of C; slices of BM x BK and BK x BN of the operands go through shared memory in stages,
// brought by asynchronous copies while earlier ones are multiplied: one barrier a slice. The slices of D E come after those
// of A B, into the same sums, so that the tangent of a product is one pass.
#pragma once
#include "ptx.cuh"

/// An operand: element (i, k) at at[i * step + k * kStep], i being a row of the left operand or a column of the right one.
struct Source {
  const Real* at;
  i64 step, kStep;
  i64 aligned;  // whether every pack of neighbours begins at a multiple of 16 bytes
};
struct Product {
  i64 k;
  Source left, right;
};

/// All that a product kernel needs; 8 bytes each, as the host writes them.
struct Gemm {
  i64 m, n;
  Product one, two;                // two.k is 0 where there is one product
  i64 leftStep, rightStep, cStep;  // from one product of a batch to the next, for the first operands and C
  double alpha, beta;
  Real* c;
  i64 cStride, cAligned;
  const Real* bias;  // null, or a row that is added
  i64 pieces;        // 1: C = f(Z) with f piecewise linear, of this slope left of 0
  double slope;
  Real* first;  // null, or receives f'(Z)
  i64 firstStride;
  const Real* times;  // null, or what f(Z) is multiplied by
  i64 timesStride;
  const Real* plus;  // null, or what is added last
  i64 plusStride;
  i64 batch;     // products
  i64 parts;     // of k
  Real* shares;  // [parts x batch x m x n], where parts > 1
};

/// Elements of 16 bytes: what one copy brings.
constexpr int PACK = 16 / sizeof(Real);

/// Neighbours that are read or written at once.
template <int N>
struct __align__(N * sizeof(Real) < 16 ? N * sizeof(Real) : 16) Pack {
  Real at[N];
};

// Where element (row, k) of a slice stands in shared memory. Packs along the direction of the layout stay together.

/// k fastest. The pad keeps threads that read packs of neighbouring rows out of each other's banks.
template <int ROWS_, int DEPTH_>
struct AlongK {
  static constexpr int ROWS = ROWS_, DEPTH = DEPTH_, SIZE = ROWS * (DEPTH + PACK);
  static constexpr bool ALONG_K = true;
  static DEV int index(int row, int k) { return row * (DEPTH + PACK) + k; }
};
/// Rows fastest. The pad is for copies element by element, of which neighbours are k's.
template <int ROWS_, int DEPTH_>
struct AlongRows {
  static constexpr int ROWS = ROWS_, DEPTH = DEPTH_, SIZE = DEPTH * (ROWS + PACK);
  static constexpr bool ALONG_K = false;
  static DEV int index(int row, int k) { return k * (ROWS + PACK) + row; }
};

/// Begins to bring the slice of an operand that starts at row0 and k0; beyond its rows and depth are zeros.
template <class Layout>
DEV void bring(Real* shared, const Real* at, i64 step, i64 kStep, bool aligned, i64 row0, i64 k0, i64 rows, i64 depth) {
  constexpr int ALL = Layout::ROWS * Layout::DEPTH, BYTES = sizeof(Real);
  if (aligned && (Layout::ALONG_K ? kStep : step) == 1) {
    static_assert(ALL % (PACK * THREADS) == 0, "all threads bring equally many packs");
#pragma unroll
    for (int e = 0; e < ALL / PACK / THREADS; e++) {
      const int pack = (e * THREADS + (int)threadIdx.x) * PACK;
      const int r = Layout::ALONG_K ? pack / Layout::DEPTH : pack % Layout::ROWS;
      const int k = Layout::ALONG_K ? pack % Layout::DEPTH : pack / Layout::ROWS;
      const i64 along = Layout::ALONG_K ? depth - k0 - k : rows - row0 - r;
      const bool there = Layout::ALONG_K ? row0 + r < rows : k0 + k < depth;
      const int valid = !there || along < 0 ? 0 : along < PACK ? (int)along : PACK;
      copyAsync<16>(shared + Layout::index(r, k), valid ? at + (row0 + r) * step + (k0 + k) * kStep : at, valid * BYTES);
    }
  } else {
    // Neighbouring threads read along the direction in which elements are neighbours.
#pragma unroll 4
    for (int e = 0; e < ALL / THREADS; e++) {
      const int element = e * THREADS + (int)threadIdx.x;
      const int r = kStep == 1 ? element / Layout::DEPTH : element % Layout::ROWS;
      const int k = kStep == 1 ? element % Layout::DEPTH : element / Layout::ROWS;
      const bool there = row0 + r < rows && k0 + k < depth;
      copyAsync<BYTES>(shared + Layout::index(r, k), there ? at + (row0 + r) * step + (k0 + k) * kStep : at,
                       there ? BYTES : 0);
    }
  }
}

/// The tile of C and the part of k that a block has. Blocks that run at the same time share operands in the second-level
/// cache: tiles are numbered column by column in panels of eight rows of tiles.
struct Part {
  i64 row0, col0, batch, part, begin, end, ofOne;  // slices [begin, end); the first ofOne of all are the first product's

  DEV Part(const Gemm& g, int rows, int cols, int depth) {
    constexpr u32 PANEL = 8;
    const u32 down = (u32)((g.m + rows - 1) / rows), across = (u32)((g.n + cols - 1) / cols);
    const u32 top = blockIdx.x / (PANEL * across) * PANEL, height = down - top < PANEL ? down - top : PANEL;
    const u32 place = blockIdx.x % (PANEL * across);
    row0 = (i64)(top + place % height) * rows;
    col0 = (i64)(place / height) * cols;
    batch = blockIdx.y / g.parts;
    part = blockIdx.y % g.parts;
    ofOne = (g.one.k + depth - 1) / depth;
    const i64 all = ofOne + (g.two.k + depth - 1) / depth;
    begin = all * part / g.parts;
    end = all * (part + 1) / g.parts;
  }
};

/// Calls multiply(left, right) for each slice of the part, in order, with the slices in shared memory.
template <int STAGES, class Left, class Right, class Multiply>
DEV void overSlices(const Gemm& g, const Part& p, Multiply multiply) {
  __shared__ __align__(16) Real left[STAGES][Left::SIZE];
  __shared__ __align__(16) Real right[STAGES][Right::SIZE];
  auto begin = [&](i64 slice) {
    if (slice < p.end) {
      const u32 stage = (u32)(slice - p.begin) % STAGES;
      const bool isOne = slice < p.ofOne;
      const i64 k0 = (isOne ? slice : slice - p.ofOne) * Left::DEPTH, depth = isOne ? g.one.k : g.two.k;
      bring<Left>(left[stage], isOne ? g.one.left.at + p.batch * g.leftStep : g.two.left.at,
                  isOne ? g.one.left.step : g.two.left.step, isOne ? g.one.left.kStep : g.two.left.kStep,
                  isOne ? g.one.left.aligned : g.two.left.aligned, p.row0, k0, g.m, depth);
      bring<Right>(right[stage], isOne ? g.one.right.at + p.batch * g.rightStep : g.two.right.at,
                   isOne ? g.one.right.step : g.two.right.step, isOne ? g.one.right.kStep : g.two.right.kStep,
                   isOne ? g.one.right.aligned : g.two.right.aligned, p.col0, k0, g.n, depth);
    }
    commitCopies();
  };
  for (int s = 0; s < STAGES - 1; s++) begin(p.begin + s);
  for (i64 slice = p.begin; slice < p.end; slice++) {
    awaitCopies<STAGES - 2>();
    __syncthreads();  // all threads' copies are there, and the stage before is read
    begin(slice + STAGES - 1);
    const u32 stage = (u32)(slice - p.begin) % STAGES;
    multiply(left[stage], right[stage]);
  }
}

/// alpha sum + beta c and what follows.
DEV Real finished(const Gemm& g, const Real* c, i64 i, i64 j, Real sum) {
  Real z = (Real)g.alpha * sum;
  if (g.beta != 0) z = madd((Real)g.beta, *c, z);
  if (g.bias) z = z + g.bias[j];
  if (g.pieces) {
    Real slope = z > 0 ? Real(1) : (Real)g.slope;
    z = z > 0 || z != z ? z : slope == 0 ? Real(0) : slope * z;
    if (g.first) g.first[i * g.firstStride + j] = slope;
  }
  if (g.times) z = z * g.times[i * g.timesStride + j];
  if (g.plus) z = z + g.plus[i * g.plusStride + j];
  return z;
}

/// Sums of neighbours of row i from column j on, into C or into the share of a part.
template <int N>
DEV void leave(const Gemm& g, const Part& p, i64 i, i64 j, const Real (&sums)[N]) {
  if (i >= g.m) return;
  if (g.parts > 1) {
    Real* share = g.shares + ((p.part * g.batch + p.batch) * g.m + i) * g.n + j;
#pragma unroll
    for (int e = 0; e < N; e++) {
      if (j + e < g.n) share[e] = sums[e];
    }
    return;
  }
  Real* c = g.c + p.batch * g.cStep + i * g.cStride + j;
  if (N > 1 && g.cAligned && j + N <= g.n) {
    Pack<N> z;
#pragma unroll
    for (int e = 0; e < N; e++) z.at[e] = finished(g, c + e, i, j + e, sums[e]);
    *reinterpret_cast<Pack<N>*>(c) = z;
  } else {
#pragma unroll
    for (int e = 0; e < N; e++) {
      if (j + e < g.n) c[e] = finished(g, c + e, i, j + e, sums[e]);
    }
  }
}
