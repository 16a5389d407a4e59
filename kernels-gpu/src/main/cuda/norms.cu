// LayerNorm and RMSNorm of the rows of x [n x d] with their derivatives; formulas and letters are those of NormKernels.
// Sums are formed in fp64. A row has a warp or, if it is long, a block; sums over rows are formed in parts of rows, which
// columnSums (reductions.cu) adds in order.
#include "evolute.cuh"

/// One row of x, with its statistics: mean m (0 for RMSNorm) and inverse deviation r.
struct Normed {
  const Real* x;
  double m, r;

  DEV Normed(const Real* x, const Real* stats, i64 n, i64 row, int d)
      : x(x + row * d), m(row < n ? (double)stats[row] : 0), r(row < n ? (double)stats[n + row] : 0) {}
  DEV double h(int j) const { return (x[j] - m) * r; }
};

/// y = gain h + bias, bias may be null; stats [2 x n] receives m and r. y may be x.
extern "C" __global__ void __launch_bounds__(THREADS, 1)
    normForward(i64 n, int d, int width, int centred, double eps, const Real* x, const Real* gain, const Real* bias, Real* y,
         Real* stats) {
  Row row(width);
  bool there = row.index < n;
  const Real* xi = x + row.index * d;
  double sum = 0;
  for (int j = row.lane; centred && there && j < d; j += width) sum += xi[j];
  double m = row.sum(sum) / d;
  double square = 0;
  for (int j = row.lane; there && j < d; j += width) {
    double v = xi[j] - m;
    square = madd(v, v, square);
  }
  double r = 1 / root(row.sum(square) / d + eps);
  for (int j = row.lane; there && j < d; j += width) {
    double h = (xi[j] - m) * r;
    y[row.index * d + j] = Real(madd((double)gain[j], h, bias ? (double)bias[j] : 0));
  }
  if (there && row.lane == 0) {
    stats[row.index] = Real(m);
    stats[n + row.index] = Real(r);
  }
}

/// dx = r (dh - mean(dh) - h mean(h dh)) + beta dx with dh = gain dy
extern "C" __global__ void __launch_bounds__(THREADS)
    normVjp(i64 n, int d, int width, int centred, const Real* x, const Real* stats, const Real* gain, const Real* dy,
            Real beta, Real* dx) {
  Row row(width);
  bool there = row.index < n;
  Normed at(x, stats, n, row.index, d);
  i64 first = row.index * d;
  double mean = 0, along = 0;
  for (int j = row.lane; there && j < d; j += width) {
    double dh = (double)gain[j] * dy[first + j];
    mean += dh;
    along = madd(at.h(j), dh, along);
  }
  mean = centred ? row.sum(mean) / d : 0;
  along = row.sum(along) / d;
  for (int j = row.lane; there && j < d; j += width) {
    double dh = (double)gain[j] * dy[first + j];
    dx[first + j] = plusKept(Real(at.r * (dh - mean - at.h(j) * along)), beta, dx, first + j);
  }
}

/// y' = gain h' + gain' h + bias' with h' = r (x' - mean(x') - h mean(h x')); gain' and bias' may be null
extern "C" __global__ void __launch_bounds__(THREADS)
    normJvp(i64 n, int d, int width, int centred, const Real* x, const Real* stats, const Real* gain,
            const Real* xTangent, const Real* gainTangent, const Real* biasTangent, Real* yTangent) {
  Row row(width);
  bool there = row.index < n;
  Normed at(x, stats, n, row.index, d);
  i64 first = row.index * d;
  double mean = 0, along = 0;
  for (int j = row.lane; there && j < d; j += width) {
    mean += xTangent[first + j];
    along = madd(at.h(j), (double)xTangent[first + j], along);
  }
  mean = centred ? row.sum(mean) / d : 0;
  along = row.sum(along) / d;
  for (int j = row.lane; there && j < d; j += width) {
    double h = at.h(j), hTangent = at.r * (xTangent[first + j] - mean - h * along);
    double v = madd((double)gain[j], hTangent, biasTangent ? (double)biasTangent[j] : 0);
    yTangent[first + j] = Real(gainTangent ? madd((double)gainTangent[j], h, v) : v);
  }
}

/// The tangent of normVjp added to beta dx' (which may be null); means [n x 2] receives mean(x') and mean(h x'), from
/// which normShares has h'.
extern "C" __global__ void __launch_bounds__(THREADS)
    normVjpTangent(i64 n, int d, int width, int centred, const Real* x, const Real* stats, const Real* gain,
                   const Real* dy, const Real* xTangent, const Real* gainTangent, const Real* dyTangent, Real beta,
                   Real* dxTangent, double* means) {
  Row row(width);
  bool there = row.index < n;
  Normed at(x, stats, n, row.index, d);
  i64 first = row.index * d;
  double xMean = 0, xAlong = 0;
  for (int j = row.lane; there && j < d; j += width) {
    xMean += xTangent[first + j];
    xAlong = madd(at.h(j), (double)xTangent[first + j], xAlong);
  }
  xMean = centred ? row.sum(xMean) / d : 0;
  xAlong = row.sum(xAlong) / d;
  if (there && row.lane == 0) {
    means[2 * row.index] = xMean;
    means[2 * row.index + 1] = xAlong;
  }
  double mean = 0, along = 0, meanTangent = 0, alongTangent = 0;
  for (int j = row.lane; there && j < d; j += width) {
    double h = at.h(j), hTangent = at.r * (xTangent[first + j] - xMean - h * xAlong);
    double dh = (double)gain[j] * dy[first + j];
    double dhTangent = (double)gain[j] * dyTangent[first + j];
    if (gainTangent) dhTangent = madd((double)gainTangent[j], (double)dy[first + j], dhTangent);
    mean += dh;
    along = madd(h, dh, along);
    meanTangent += dhTangent;
    alongTangent = madd(h, dhTangent, madd(hTangent, dh, alongTangent));
  }
  mean = centred ? row.sum(mean) / d : 0;
  along = row.sum(along) / d;
  meanTangent = centred ? row.sum(meanTangent) / d : 0;
  alongTangent = row.sum(alongTangent) / d;
  for (int j = row.lane; dxTangent && there && j < d; j += width) {
    double h = at.h(j), hTangent = at.r * (xTangent[first + j] - xMean - h * xAlong);
    double dh = (double)gain[j] * dy[first + j];
    double dhTangent = (double)gain[j] * dyTangent[first + j];
    if (gainTangent) dhTangent = madd((double)gainTangent[j], (double)dy[first + j], dhTangent);
    double dx = at.r * (dh - mean - h * along);
    double v = at.r * (dhTangent - meanTangent - h * alongTangent - hTangent * along) - at.r * xAlong * dx;
    dxTangent[first + j] = plusKept(Real(v), beta, dxTangent, first + j);
  }
}

constexpr int COLUMNS = 32;
constexpr int ROWS = THREADS / COLUMNS;

/// Sums over parts of the rows (gridDim.y of them): of h dy into shares [part x d] and of dy into the d after all of
/// those; with xTangent, of h dy' + h' dy and of dy'.
extern "C" __global__ void __launch_bounds__(THREADS)
    normShares(i64 n, int d, const Real* x, const Real* stats, const Real* dy, const Real* xTangent,
               const Real* dyTangent, const double* means, double* shares) {
  __shared__ double gains[ROWS][COLUMNS], biases[ROWS][COLUMNS];
  int c = threadIdx.x % COLUMNS, r = threadIdx.x / COLUMNS;
  int j = blockIdx.x * COLUMNS + c;
  i64 part = (n + gridDim.y - 1) / gridDim.y;
  i64 from = blockIdx.y * part, to = from + part < n ? from + part : n;
  double gain = 0, bias = 0;
  for (i64 i = from + r; j < d && i < to; i += ROWS) {
    Normed at(x, stats, n, i, d);
    double h = at.h(j), u = dy[i * d + j];
    if (xTangent) {
      double hTangent = at.r * (xTangent[i * d + j] - means[2 * i] - h * means[2 * i + 1]);
      double uTangent = dyTangent[i * d + j];
      gain = madd(h, uTangent, madd(hTangent, u, gain));
      bias += uTangent;
    } else {
      gain = madd(h, u, gain);
      bias += u;
    }
  }
  gains[r][c] = gain;
  biases[r][c] = bias;
  __syncthreads();
  if (r == 0 && j < d) {
    for (int k = 1; k < ROWS; k++) {
      gain += gains[k][c];
      bias += biases[k][c];
    }
    shares[(i64)blockIdx.y * d + j] = gain;
    shares[((i64)gridDim.y + blockIdx.y) * d + j] = bias;
  }
}
