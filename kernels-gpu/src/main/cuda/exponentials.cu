// Sums of exponentials: the largest element is taken out exactly, the rest is summed in fp64.
#include "elementary.cuh"
#include "reduce.cuh"

/// The sum of exp(x_i - max)
extern "C" __global__ void __launch_bounds__(THREADS)
    exps(i64 n, const Real* x, double max, double* shares, u32* finished, double* out) {
  reduce<Sum>(n, [=](i64 i) { return Elementary<double>::exp((double)x[i] - max); }, shares, finished, 1, out);
}

/// column_i = log sum_j exp x_ij, x [n x d]
extern "C" __global__ void __launch_bounds__(THREADS)
    rowLogSumExp(i64 n, int d, int width, const Real* x, Real* column) {
  Row row(width);
  const Real* z = x + row.index * d;
  double max = -infinity();
  for (int j = row.lane; row.index < n && j < d; j += width) max = larger(max, z[j]);
  max = row.over<Largest>(max);
  // Nothing is left to sum where the largest is no finite number.
  bool finite = max - max == 0;
  double sum = 0;
  for (int j = row.lane; finite && row.index < n && j < d; j += width) {
    sum += Elementary<double>::exp((double)z[j] - max);
  }
  sum = row.sum(sum);
  if (row.index < n && row.lane == 0) column[row.index] = Real(finite ? max + Elementary<double>::log(sum) : max);
}
