// Matrix products on ordinary cores, in f32 and f64; product.cuh has the frame.
//
//   A block of 256 threads computes a tile of BM x BN elements of C, each warp (4 x 8 threads) a part of it, each thread
//   TM x TN elements in registers. A slice stands in shared memory in the direction in which its operand is stored: a
//   thread then reads packs of neighbours along k, or of neighbouring rows, of which a warp reads few and in different
//   banks. Bound by fused multiply-adds where m and n fill tiles, else by memory.
//
// Where C has few tiles and k is long, k is cut in parts (split-K) that are added in order by a second kernel.
#include "product.cuh"

/// Which rows of a slice a thread has: T of them, of which P are neighbours where these stand together.
template <class Layout, int T, int P, int THREADS_ACROSS>
struct Rows {
  static constexpr int NEIGHBOURS = Layout::ALONG_K ? 1 : P;
  static DEV int of(int thread, int i) {
    return i / NEIGHBOURS * (NEIGHBOURS * THREADS_ACROSS) + thread * NEIGHBOURS + i % NEIGHBOURS;
  }

  /// Its elements of PACK neighbouring k's.
  static DEV void read(Real (&x)[PACK][T], const Real* slice, int thread, int k) {
    if (Layout::ALONG_K) {
#pragma unroll
      for (int i = 0; i < T; i++) {
        const Pack<PACK> pack = *reinterpret_cast<const Pack<PACK>*>(slice + Layout::index(of(thread, i), k));
#pragma unroll
        for (int v = 0; v < PACK; v++) x[v][i] = pack.at[v];
      }
    } else {
#pragma unroll
      for (int v = 0; v < PACK; v++) {
#pragma unroll
        for (int i = 0; i < T; i += P) {
          const Pack<P> pack = *reinterpret_cast<const Pack<P>*>(slice + Layout::index(of(thread, i), k + v));
#pragma unroll
          for (int e = 0; e < P; e++) x[v][i + e] = pack.at[e];
        }
      }
    }
  }
};

template <class Left, class Right, int TM, int TN>
DEV void tile(const Gemm& g) {
  constexpr int DOWN = Left::ROWS / TM, ACROSS = Right::ROWS / TN, DEPTH = Left::DEPTH;
  static_assert(DOWN * ACROSS == THREADS && ACROSS % 8 == 0 && DEPTH % PACK == 0, "a warp is 4 x 8 threads");
  using Down = Rows<Left, TM, TM < PACK ? TM : PACK, DOWN>;
  using Across = Rows<Right, TN, TN < PACK ? TN : PACK, ACROSS>;
  const int warp = (int)threadIdx.x / LANES, lane = (int)threadIdx.x % LANES;
  const int tx = warp % (ACROSS / 8) * 8 + lane % 8, ty = warp / (ACROSS / 8) * 4 + lane / 8;
  const Part p(g, Left::ROWS, Right::ROWS, DEPTH);
  Real sums[TM][TN] = {};
  overSlices<2, Left, Right>(g, p, [&](const Real* left, const Real* right) {
#pragma unroll
    for (int k = 0; k < DEPTH; k += PACK) {
      Real a[PACK][TM], b[PACK][TN];
      Down::read(a, left, ty, k);
      Across::read(b, right, tx, k);
#pragma unroll
      for (int v = 0; v < PACK; v++) {
#pragma unroll
        for (int i = 0; i < TM; i++) {
#pragma unroll
          for (int j = 0; j < TN; j++) sums[i][j] = madd(a[v][i], b[v][j], sums[i][j]);
        }
      }
    }
  });
  constexpr int N = Across::NEIGHBOURS;
#pragma unroll
  for (int i = 0; i < TM; i++) {
#pragma unroll
    for (int j = 0; j < TN; j += N) {
      Real z[N];
#pragma unroll
      for (int e = 0; e < N; e++) z[e] = sums[i][j + e];
      leave<N>(g, p, p.row0 + Down::of(ty, i), p.col0 + Across::of(tx, j), z);
    }
  }
}

constexpr bool IS_FLOAT = sizeof(Real) == 4;

template <template <int, int> class Left, template <int, int> class Right>
DEV void large(const Gemm& g) {
  constexpr int DEPTH = IS_FLOAT ? 16 : 8, COLS = IS_FLOAT ? 128 : 64;
  tile<Left<128, DEPTH>, Right<COLS, DEPTH>, 8, COLS / 16>(g);
}
template <template <int, int> class Left, template <int, int> class Right>
DEV void medium(const Gemm& g) {
  tile<Left<64, 16>, Right<64, 16>, 4, 4>(g);
}

// By how the operands are stored: N where their rows are, T where their columns are.
extern "C" __global__ void __launch_bounds__(THREADS, 1) gemmLargeNN(Gemm g) { large<AlongK, AlongRows>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 1) gemmLargeNT(Gemm g) { large<AlongK, AlongK>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 1) gemmLargeTN(Gemm g) { large<AlongRows, AlongRows>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 1) gemmLargeTT(Gemm g) { large<AlongRows, AlongK>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) gemmMediumNN(Gemm g) { medium<AlongK, AlongRows>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) gemmMediumNT(Gemm g) { medium<AlongK, AlongK>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) gemmMediumTN(Gemm g) { medium<AlongRows, AlongRows>(g); }
extern "C" __global__ void __launch_bounds__(THREADS, 2) gemmMediumTT(Gemm g) { medium<AlongRows, AlongK>(g); }

/// Small results in any orientation: neighbours along k are copied element by element.
extern "C" __global__ void __launch_bounds__(THREADS) gemmSmall(Gemm g) {
  tile<AlongRows<32, 32>, AlongRows<32, 32>, 2, 2>(g);
}

/// The parts of k one after the other, and what follows.
extern "C" __global__ void __launch_bounds__(THREADS) gemmParts(Gemm g) {
  const i64 one = g.m * g.n, count = g.batch;
  for (i64 e = firstElement(); e < one * count; e += allThreads()) {
    Real sum = 0;
    for (i64 p = 0; p < g.parts; p++) sum = sum + g.shares[p * one * count + e];
    const i64 batch = e / one, at = e % one, i = at / g.n, j = at % g.n;
    Real* c = g.c + batch * g.cStep + i * g.cStride + j;
    *c = finished(g, c, i, j, sum);
  }
}
