// Sums, extremes and their places, of vectors and of the rows and columns of matrices. Sums are formed in fp64.
#include "reduce.cuh"

extern "C" __global__ void __launch_bounds__(THREADS)
    dot(i64 n, const Real* x, const Real* y, double factor, double* shares, u32* finished, double* out) {
  reduce<Sum>(n, [=](i64 i) { return (double)x[i] * (double)y[i]; }, shares, finished, factor, out);
}

/// y = alpha x + beta y, and the product of the new y with z: the sums of `dot`, to the bit
extern "C" __global__ void __launch_bounds__(THREADS)
    axpbyDot(i64 n, Real alpha, const Real* x, Real beta, Real* y, const Real* z, double* shares, u32* finished,
             double* out) {
  reduce<Sum>(
      n,
      [=](i64 i) {
        Real sum = productPlusKept(alpha, x[i], beta, y, i);
        y[i] = sum;
        return (double)sum * (double)z[i];  // z may be y: it is read after y is written
      },
      shares, finished, 1, out);
}

/// Squares of scaled elements
extern "C" __global__ void __launch_bounds__(THREADS)
    squares(i64 n, const Real* x, double scale, double* shares, u32* finished, double* out) {
  reduce<Sum>(
      n,
      [=](i64 i) {
        double v = scale * (double)x[i];
        return v * v;
      },
      shares, finished, 1, out);
}

/// A norm from its square, in place; NaN where the vector has to be scaled first, which the host sees to.
extern "C" __global__ void normOfSquare(double* square) {
  if (threadIdx.x == 0) {
    double s = *square;
    *square = s > 1e-290 && s < infinity() ? root(s) : infinity() - infinity();
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    sum(i64 n, const Real* x, double* shares, u32* finished, double* out) {
  reduce<Sum>(n, [=](i64 i) { return (double)x[i]; }, shares, finished, 1, out);
}

/// The sum of numbers that are fp64 whatever the element type: the shares of rows.
extern "C" __global__ void __launch_bounds__(THREADS)
    sumDoubles(i64 n, const double* x, double factor, double* shares, u32* finished, double* out) {
  reduce<Sum>(n, [=](i64 i) { return x[i]; }, shares, finished, factor, out);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    asum(i64 n, const Real* x, double* shares, u32* finished, double* out) {
  reduce<Sum>(n, [=](i64 i) { return (double)magnitude(x[i]); }, shares, finished, 1, out);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    largest(i64 n, const Real* x, double sign, double* shares, u32* finished, double* out) {
  reduce<Largest>(n, [=](i64 i) { return sign * (double)x[i]; }, shares, finished, sign, out);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    largestMagnitude(i64 n, const Real* x, double* shares, u32* finished, double* out) {
  reduce<Largest>(n, [=](i64 i) { return (double)magnitude(x[i]); }, shares, finished, 1, out);
}

/// A number and where it stands.
struct Place {
  double value;
  i64 index;

  /// The first NaN or, without one, the first of the largest.
  DEV bool before(const Place& other) const {
    if (isNan(value) != isNan(other.value)) return isNan(value);
    if (isNan(value) || value == other.value) return index < other.index;
    return value > other.value;
  }
};

DEV Place firstLargest(Place p, int width) {
  __shared__ Place parts[THREADS / LANES];
#pragma unroll
  for (int by = LANES / 2; by > 0; by /= 2) {
    Place other = {__shfl_xor_sync(ALL_LANES, p.value, by), __shfl_xor_sync(ALL_LANES, p.index, by)};
    if (other.before(p)) p = other;
  }
  if (width == LANES) return p;
  __syncthreads();
  if (threadIdx.x % LANES == 0) parts[threadIdx.x / LANES] = p;
  __syncthreads();
  p = parts[0];
  for (int i = 1; i < (int)(blockDim.x / LANES); i++) {
    if (parts[i].before(p)) p = parts[i];
  }
  return p;
}

/// Where nothing is found.
constexpr i64 NOWHERE = 0x7fffffffffffffffll;

/// out = the index of the first NaN or else of the first largest sign x_i; shares holds indices
extern "C" __global__ void __launch_bounds__(THREADS)
    argmax(i64 n, const Real* x, double sign, i64* shares, u32* finished, i64* out) {
  Place best = {-infinity(), NOWHERE};
  for (i64 i = firstElement(); i < n; i += allThreads()) {
    Place p = {sign * (double)x[i], i};
    if (p.before(best)) best = p;
  }
  best = firstLargest(best, THREADS);
  if (threadIdx.x == 0) shares[blockIdx.x] = best.index;
  if (isLastBlock(finished)) {
    best = {-infinity(), NOWHERE};
    for (int b = threadIdx.x; b < (int)gridDim.x; b += blockDim.x) {
      i64 i = ((volatile i64*)shares)[b];
      if (i == NOWHERE) continue;
      Place p = {sign * (double)x[i], i};
      if (p.before(best)) best = p;
    }
    best = firstLargest(best, THREADS);
    if (threadIdx.x == 0) *out = best.index;
  }
}

/// at_i = the index of the first NaN or else of the first largest element of row i, x [n x d]
extern "C" __global__ void __launch_bounds__(THREADS) rowArgmax(i64 n, int d, int width, const Real* x, int* at) {
  Row row(width);
  Place best = {-infinity(), NOWHERE};
  for (int j = row.lane; row.index < n && j < d; j += width) {
    Place p = {(double)x[row.index * d + j], j};
    if (p.before(best)) best = p;
  }
  best = firstLargest(best, width);
  if (row.index < n && row.lane == 0) at[row.index] = (int)best.index;
}

/// column_i = sum_j x_ij + beta column_i
extern "C" __global__ void __launch_bounds__(THREADS)
    rowSums(i64 n, int d, int width, const Real* x, double beta, Real* column) {
  Row row(width);
  double sum = 0;
  for (int j = row.lane; row.index < n && j < d; j += width) sum += x[row.index * d + j];
  sum = row.sum(sum);
  if (row.index < n && row.lane == 0) {
    column[row.index] = Real(beta == 0 ? sum : madd(beta, (double)column[row.index], sum));
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) rowMax(i64 n, int d, int width, const Real* x, Real* column) {
  Row row(width);
  double max = -infinity();
  for (int j = row.lane; row.index < n && j < d; j += width) max = larger(max, x[row.index * d + j]);
  max = row.over<Largest>(max);
  if (row.index < n && row.lane == 0) column[row.index] = Real(max);
}

/// Columns and rows that a block of columnShares covers.
constexpr int COLUMNS = 32;
constexpr int ROWS = THREADS / COLUMNS;

/// shares_bj = the sum of column j over the b-th part of the rows; gridDim.y parts
extern "C" __global__ void __launch_bounds__(THREADS) columnShares(i64 n, int d, const Real* x, double* shares) {
  __shared__ double parts[ROWS][COLUMNS];
  int c = threadIdx.x % COLUMNS, r = threadIdx.x / COLUMNS;
  int j = blockIdx.x * COLUMNS + c;
  i64 part = (n + gridDim.y - 1) / gridDim.y;
  i64 from = blockIdx.y * part, to = from + part < n ? from + part : n;
  double sum = 0;
  for (i64 i = from + r; j < d && i < to; i += ROWS) sum += x[i * d + j];
  parts[r][c] = sum;
  __syncthreads();
  if (r == 0 && j < d) {
    for (int k = 1; k < ROWS; k++) sum += parts[k][c];
    shares[(i64)blockIdx.y * d + j] = sum;
  }
}

/// row_j = the sum of the shares of column j + beta row_j
extern "C" __global__ void __launch_bounds__(THREADS)
    columnSums(int parts, int d, const double* shares, double beta, Real* row) {
  for (i64 j = firstElement(); j < d; j += allThreads()) {
    double sum = 0;
    for (int b = 0; b < parts; b++) sum += shares[(i64)b * d + j];
    row[j] = Real(beta == 0 ? sum : madd(beta, (double)row[j], sum));
  }
}

/// shares_jb = the b-th part of <v_j, x>, v [k x n]; gridDim.y = k
extern "C" __global__ void __launch_bounds__(THREADS)
    dotsShares(i64 n, const Real* v, i64 stride, const Real* x, double* shares) {
  const Real* row = v + blockIdx.y * stride;
  double sum = 0;
  for (i64 i = firstElement(); i < n; i += allThreads()) sum += (double)row[i] * (double)x[i];
  sum = overBlock<Sum>(sum);
  if (threadIdx.x == 0) shares[(i64)blockIdx.y * gridDim.x + blockIdx.x] = sum;
}

/// c_j = the sum of the parts of <v_j, x>
extern "C" __global__ void __launch_bounds__(THREADS) dots(int k, int parts, const double* shares, double* c) {
  for (i64 j = firstElement(); j < k; j += allThreads()) {
    double sum = 0;
    for (int b = 0; b < parts; b++) sum += shares[j * parts + b];
    c[j] = sum;
  }
}

/// out = minus the index of the first element that is no whole number in [from, to), or -infinity
extern "C" __global__ void __launch_bounds__(THREADS)
    firstOutside(i64 n, const Real* x, int from, int to, double* shares, u32* finished, double* out) {
  reduce<Largest>(
      n,
      [=](i64 i) {
        Real v = x[i];
        bool inside = v >= from && v < to && v == (Real)(int)v;
        return inside ? -infinity() : -(double)i;
      },
      shares, finished, 1, out);
}
