// Element-wise arithmetic on vectors and on the rows of a matrix. Bound by memory: each element is touched once.
#include "evolute.cuh"

extern "C" __global__ void __launch_bounds__(THREADS) fill(i64 n, Real value, Real* x) {
  for (i64 i = firstElement(); i < n; i += allThreads()) x[i] = value;
}

/// y = alpha x + beta y
extern "C" __global__ void __launch_bounds__(THREADS) axpby(i64 n, Real alpha, const Real* x, Real beta, Real* y) {
  for (i64 i = firstElement(); i < n; i += allThreads()) y[i] = productPlusKept(alpha, x[i], beta, y, i);
}

/// y = a (.) b + beta y
extern "C" __global__ void __launch_bounds__(THREADS) mul(i64 n, const Real* a, const Real* b, Real beta, Real* y) {
  for (i64 i = firstElement(); i < n; i += allThreads()) y[i] = productPlusKept(a[i], b[i], beta, y, i);
}

/// y = a (.) b + c (.) d + beta y
extern "C" __global__ void __launch_bounds__(THREADS)
    mulAdd(i64 n, const Real* a, const Real* b, const Real* c, const Real* d, Real beta, Real* y) {
  for (i64 i = firstElement(); i < n; i += allThreads()) y[i] = madd(a[i], b[i], productPlusKept(c[i], d[i], beta, y, i));
}

/// Y_ij = X_ij + row_j, both [n x d]
extern "C" __global__ void __launch_bounds__(THREADS) addRow(i64 n, int d, const Real* x, const Real* row, Real* y) {
  for (i64 i = firstElement(); i < n * d; i += allThreads()) y[i] = x[i] + row[columnOf(i, d)];
}

/// Y_ij = alpha column_i X_ij + beta Y_ij, both [n x d]
extern "C" __global__ void __launch_bounds__(THREADS)
    scaleRows(i64 n, int d, Real alpha, const Real* x, const Real* column, Real beta, Real* y) {
  for (i64 i = firstElement(); i < n * d; i += allThreads()) y[i] = productPlusKept(alpha * column[rowOf(i, d)], x[i], beta, y, i);
}

/// x = factor x, rounded once: the factor is a double, so that a norm keeps its bits.
extern "C" __global__ void __launch_bounds__(THREADS) scale(i64 n, double factor, Real* x) {
  for (i64 i = firstElement(); i < n; i += allThreads()) x[i] = Real(factor * x[i]);
}

/// y = x / by, by the inverse rounded to the element type: axpby to the bit
extern "C" __global__ void __launch_bounds__(THREADS) divide(i64 n, const Real* x, const double* by, Real* y) {
  Real factor = Real(1 / *by);
  for (i64 i = firstElement(); i < n; i += allThreads()) y[i] = factor * x[i];
}

/// y = y + scale sum_j c_j v_j over the rows of v [k x n], rounded once; scale is 1 or -1, or rounds c
extern "C" __global__ void __launch_bounds__(THREADS)
    combine(i64 n, int k, double scale, const double* c, const Real* v, i64 stride, Real* y) {
  for (i64 i = firstElement(); i < n; i += allThreads()) {
    double sum = y[i];
    for (int j = 0; j < k; j++) sum = madd(scale * c[j], (double)v[j * stride + i], sum);
    y[i] = Real(sum);
  }
}

/// The rows of a strided matrix one after the other, in either orientation: element (i, j) is at i * di + j * dj.
extern "C" __global__ void __launch_bounds__(THREADS)
    pack(i64 rows, int cols, const Real* x, i64 di, i64 dj, Real* y) {
  for (i64 i = firstElement(); i < rows * cols; i += allThreads()) y[i] = x[rowOf(i, cols) * di + columnOf(i, cols) * dj];
}

/// Chains of multiply-adds on registers that tend to 1; what is written, by none of them, keeps the loop alive.
extern "C" __global__ void __launch_bounds__(THREADS) multiplyAdds(int rounds, Real* out) {
  constexpr int CHAINS = 8;
  Real x[CHAINS] = {};
  for (int r = 0; r < rounds; r++) {
#pragma unroll
    for (int c = 0; c < CHAINS; c++) x[c] = madd(Real(0.999), x[c], Real(0.001));
  }
  Real sum = 0;
#pragma unroll
  for (int c = 0; c < CHAINS; c++) sum = sum + x[c];
  if (sum > 2 * CHAINS) *out = sum;
}
