// Matrix products C = alpha (A B + D E) + beta C with what follows them, for every orientation and stride, in batches.
//
//   A block of 256 threads computes a tile of BM x BN elements of C, each thread TM x TN of them in registers. The
//   slices of A (BM x BK) and B (BK x BN) that it needs next are read into registers while it multiplies those in shared
//   memory, of which there are two: one barrier a slice. Shared slices have k as their first index, so that a thread
//   reads what it needs of a slice as packs of up to four, of which a warp (4 x 8 threads) reads few and adjacent ones.
//   Bound by fused multiply-adds where m and n fill tiles, else by memory.
//
// Where C has few tiles and k is long, k is cut in parts (split-K) that are added in order by a second kernel.
#include "evolute.cuh"

/// One product: element (i, k) of the left operand at i * li + k * lk, element (k, j) of the right one at k * rk + j * rj.
struct Product {
  i64 k;
  const Real* left;
  i64 li, lk;
  const Real* right;
  i64 rk, rj;
};

/// All that a product kernel needs; 8 bytes each, as the host writes them.
struct Gemm {
  i64 m, n;
  Product one, two;  // two.k is 0 where there is one product
  i64 leftStep, rightStep, cStep;  // from one product of a batch to the next, for the first operands and C
  double alpha, beta;
  Real* c;
  i64 cStride;
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

/// Up to four neighbours, read from shared memory at once.
template <int N>
struct __align__(N * sizeof(Real) < 16 ? N * sizeof(Real) : 16) Pack {
  Real at[N];
};

/// alpha sum + beta c and what follows, into element (i, j).
DEV void finish(const Gemm& g, Real* c, i64 i, i64 j, Real sum) {
  Real* at = c + i * g.cStride + j;
  Real z = (Real)g.alpha * sum;
  if (g.beta != 0) z = madd((Real)g.beta, *at, z);
  if (g.bias) z = z + g.bias[j];
  if (g.pieces) {
    Real slope = z > 0 ? Real(1) : (Real)g.slope;
    z = z > 0 || z != z ? z : slope == 0 ? Real(0) : slope * z;
    if (g.first) g.first[i * g.firstStride + j] = slope;
  }
  if (g.times) z = z * g.times[i * g.timesStride + j];
  if (g.plus) z = z + g.plus[i * g.plusStride + j];
  *at = z;
}

template <int BM, int BN, int BK, int TM, int TN>
DEV void tile(const Gemm& g) {
  constexpr int PM = TM < 4 ? TM : 4, PN = TN < 4 ? TN : 4;  // elements of a pack
  constexpr int ROWS = BM / TM, COLS = BN / TN;              // threads down and across
  static_assert(ROWS * COLS == THREADS && COLS % 8 == 0, "a warp is 4 x 8 threads");
  constexpr int LEFT = BM * BK / THREADS, RIGHT = BK * BN / THREADS;  // elements a thread brings
  // The pads keep the threads of a warp that write a column of a slice out of one bank.
  __shared__ __align__(16) Real left[2][BK][BM + 4];
  __shared__ __align__(16) Real right[2][BK][BN + 4];

  const int thread = threadIdx.x, warp = thread / LANES, lane = thread % LANES;
  const int tx = warp % (COLS / 8) * 8 + lane % 8, ty = warp / (COLS / 8) * 4 + lane / 8;
  const i64 row0 = (i64)blockIdx.y * BM, col0 = (i64)blockIdx.x * BN;
  const i64 batch = blockIdx.z / g.parts;
  const int part = (int)(blockIdx.z % g.parts);

  // Slices of this part: those of the first product, then those of the second.
  const i64 ofOne = (g.one.k + BK - 1) / BK, all = ofOne + (g.two.k + BK - 1) / BK;
  const i64 begin = all * part / g.parts, end = all * (part + 1) / g.parts;

  Real fetchedLeft[LEFT], fetchedRight[RIGHT];
  auto fetch = [&](i64 slice) {
    const bool isOne = slice < ofOne;
    const i64 k0 = (isOne ? slice : slice - ofOne) * BK, depth = isOne ? g.one.k : g.two.k;
    const Real* a = isOne ? g.one.left + batch * g.leftStep : g.two.left;
    const Real* b = isOne ? g.one.right + batch * g.rightStep : g.two.right;
    const i64 li = isOne ? g.one.li : g.two.li, lk = isOne ? g.one.lk : g.two.lk;
    const i64 rk = isOne ? g.one.rk : g.two.rk, rj = isOne ? g.one.rj : g.two.rj;
    // Neighbouring threads read along the direction in which elements are neighbours.
#pragma unroll
    for (int e = 0; e < LEFT; e++) {
      const int at = e * THREADS + thread;
      const int r = lk == 1 ? at / BK : at % BM, k = lk == 1 ? at % BK : at / BM;
      fetchedLeft[e] = row0 + r < g.m && k0 + k < depth ? a[(row0 + r) * li + (k0 + k) * lk] : Real(0);
    }
#pragma unroll
    for (int e = 0; e < RIGHT; e++) {
      const int at = e * THREADS + thread;
      const int c = rj == 1 ? at % BN : at / BK, k = rj == 1 ? at / BN : at % BK;
      fetchedRight[e] = col0 + c < g.n && k0 + k < depth ? b[(k0 + k) * rk + (col0 + c) * rj] : Real(0);
    }
  };
  auto store = [&](i64 slice, int side) {
    const bool isOne = slice < ofOne;
    const bool alongK = (isOne ? g.one.lk : g.two.lk) == 1, alongN = (isOne ? g.one.rj : g.two.rj) == 1;
#pragma unroll
    for (int e = 0; e < LEFT; e++) {
      const int at = e * THREADS + thread;
      left[side][alongK ? at % BK : at / BM][alongK ? at / BK : at % BM] = fetchedLeft[e];
    }
#pragma unroll
    for (int e = 0; e < RIGHT; e++) {
      const int at = e * THREADS + thread;
      right[side][alongN ? at / BN : at % BK][alongN ? at % BN : at / BK] = fetchedRight[e];
    }
  };

  Real sums[TM][TN] = {};
  if (begin < end) {
    fetch(begin);
    store(begin, 0);
  }
  __syncthreads();
  for (i64 slice = begin; slice < end; slice++) {
    const int side = (int)(slice - begin) & 1;
    if (slice + 1 < end) fetch(slice + 1);
#pragma unroll
    for (int k = 0; k < BK; k++) {
      Pack<PM> a[TM / PM];
      Pack<PN> b[TN / PN];
#pragma unroll
      for (int p = 0; p < TM / PM; p++) {
        a[p] = *reinterpret_cast<const Pack<PM>*>(&left[side][k][p * (BM / (TM / PM)) + ty * PM]);
      }
#pragma unroll
      for (int p = 0; p < TN / PN; p++) {
        b[p] = *reinterpret_cast<const Pack<PN>*>(&right[side][k][p * (BN / (TN / PN)) + tx * PN]);
      }
#pragma unroll
      for (int i = 0; i < TM; i++) {
#pragma unroll
        for (int j = 0; j < TN; j++) {
          sums[i][j] = madd(a[i / PM].at[i % PM], b[j / PN].at[j % PN], sums[i][j]);
        }
      }
    }
    if (slice + 1 < end) {
      store(slice + 1, side ^ 1);
      __syncthreads();
    }
  }

  Real* c = g.c + batch * g.cStep;
  Real* share = g.shares + ((part * g.batch + batch) * g.m) * g.n;
#pragma unroll
  for (int i = 0; i < TM; i++) {
    const i64 row = row0 + i / PM * (BM / (TM / PM)) + ty * PM + i % PM;
#pragma unroll
    for (int j = 0; j < TN; j++) {
      const i64 col = col0 + j / PN * (BN / (TN / PN)) + tx * PN + j % PN;
      if (row < g.m && col < g.n) {
        if (g.parts > 1) {
          share[row * g.n + col] = sums[i][j];
        } else {
          finish(g, c, row, col, sums[i][j]);
        }
      }
    }
  }
}

constexpr bool IS_FLOAT = sizeof(Real) == 4;

extern "C" __global__ void __launch_bounds__(THREADS) gemmLarge(Gemm g) {
  tile<128, IS_FLOAT ? 128 : 64, IS_FLOAT ? 16 : 8, 8, IS_FLOAT ? 8 : 4>(g);
}
extern "C" __global__ void __launch_bounds__(THREADS, 2) gemmMedium(Gemm g) { tile<64, 64, 16, 4, 4>(g); }
extern "C" __global__ void __launch_bounds__(THREADS) gemmSmall(Gemm g) { tile<32, 32, 32, 2, 2>(g); }

/// The parts of k one after the other, and what follows.
extern "C" __global__ void __launch_bounds__(THREADS) gemmParts(Gemm g) {
  const i64 one = g.m * g.n, count = g.batch;
  for (i64 e = firstElement(); e < one * count; e += allThreads()) {
    Real sum = 0;
    for (i64 p = 0; p < g.parts; p++) sum = sum + g.shares[p * one * count + e];
    const i64 batch = e / one, at = e % one;
    finish(g, g.c + batch * g.cStep, at / g.n, at % g.n, sum);
  }
}
