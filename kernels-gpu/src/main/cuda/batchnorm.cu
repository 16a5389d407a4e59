// Batch normalisation of x [n x d], channel by channel, and its derivatives. With <u> = sum_i u_i / n, r = rstd,
// xh = r (x - mean), g = gamma and D(u) = u - <u> - xh <xh u>:
//
//   forward  y   = g xh + bias
//   vjp      dx  = g r D(dy),  dg = n <xh dy>,  dbias = n <dy>
//   jvp      y'  = g r D(x') + g' xh + bias'
//   tangent  dx' = (g' r - g r^2 <xh x'>) D(dy) + g r (D(dy') - r <xh dy> D(x') - xh <xh' dy>)
//            dg' = n (<xh dy'> + <xh' dy>),  <xh' dy> = r (<x' dy> - <x'><dy> - <xh x'><xh dy>)
//
// In evaluation r does not depend on x, and D is 1. Each is one pass for sums a channel, in fp64 in parts of rows, one
// kernel that adds the parts in order, and one pass that writes.
#include "evolute.cuh"

constexpr int COLUMNS = 32;
constexpr int ROWS = THREADS / COLUMNS;

/// What a pass sums a channel.
enum Sums { U, XH_U, V, XH_V, W, XH_W, V_U, SUMS };

/// shares [count x gridDim.y x d]: sums over parts of the rows. count 1 is the sum of u - centre or, with square, of its
/// square; 2 adds that of xh u; 7 has all of Sums, with u = dy, v = x', w = dy'.
extern "C" __global__ void __launch_bounds__(THREADS, 1)
    channelShares(i64 n, int d, int count, int square, const double* centre, const double* rstd, const Real* x,
                  const Real* u, const Real* v, const Real* w, double* shares) {
  __shared__ double parts[ROWS][COLUMNS];
  int c = threadIdx.x % COLUMNS, row = threadIdx.x / COLUMNS;
  int j = blockIdx.x * COLUMNS + c;
  i64 part = (n + gridDim.y - 1) / gridDim.y;
  i64 from = blockIdx.y * part, to = from + part < n ? from + part : n;
  double sums[SUMS] = {};
  for (i64 i = from + row; j < d && i < to; i += ROWS) {
    i64 at = i * d + j;
    double a = u[at];
    if (count == 1) {
      if (square) {
        a = a - centre[j];
        a = a * a;
      }
      sums[U] += a;
    } else {
      double xh = (x[at] - centre[j]) * rstd[j];
      sums[U] += a;
      sums[XH_U] = madd(xh, a, sums[XH_U]);
      if (count == SUMS) {
        double b = v[at], e = w[at];
        sums[V] += b;
        sums[XH_V] = madd(xh, b, sums[XH_V]);
        sums[W] += e;
        sums[XH_W] = madd(xh, e, sums[XH_W]);
        sums[V_U] = madd(b, a, sums[V_U]);
      }
    }
  }
  for (int s = 0; s < count; s++) {
    __syncthreads();
    parts[row][c] = sums[s];
    __syncthreads();
    if (row == 0 && j < d) {
      double sum = parts[0][c];
      for (int k = 1; k < ROWS; k++) sum += parts[k][c];
      shares[((i64)s * gridDim.y + blockIdx.y) * d + j] = sum;
    }
  }
}

/// means [count x d] = the shares added in order, over n
extern "C" __global__ void __launch_bounds__(THREADS)
    channelMeans(i64 n, int d, int count, int parts, const double* shares, double* means) {
  for (i64 e = firstElement(); e < (i64)count * d; e += allThreads()) {
    i64 s = e / d;
    double sum = 0;
    for (int b = 0; b < parts; b++) sum += shares[(s * parts + b) * d + e % d];
    means[e] = n == 0 ? 0 : sum / n;
  }
}

/// rstd from the variance of the batch, or mean and rstd from the running statistics; in training those move, unless they
/// are null
extern "C" __global__ void __launch_bounds__(THREADS)
    statistics(i64 n, int d, int training, double epsilon, double momentum, const double* batch, const double* variance,
               double* mean, double* rstd, double* runningMean, double* runningVariance) {
  for (i64 j = firstElement(); j < d; j += allThreads()) {
    double m = training ? batch[j] : runningMean[j], v = training ? variance[j] : runningVariance[j];
    mean[j] = m;
    rstd[j] = 1 / root(v + epsilon);
    if (training && runningMean) {
      runningMean[j] = (1 - momentum) * runningMean[j] + momentum * m;
      runningVariance[j] = (1 - momentum) * runningVariance[j] + momentum * (v * n / (n - 1));
    }
  }
}

/// y = g xh + bias
extern "C" __global__ void __launch_bounds__(THREADS)
    batchNorm(i64 n, int d, const double* mean, const double* rstd, const Real* x, const Real* gamma, const Real* bias,
              Real* y) {
  for (i64 i = firstElement(); i < n * d; i += allThreads()) {
    int j = columnOf(i, d);
    y[i] = Real(madd((double)gamma[j], (x[i] - mean[j]) * rstd[j], (double)bias[j]));
  }
}

/// The gradients of gamma and bias, or their tangents, from the means of Sums
extern "C" __global__ void __launch_bounds__(THREADS)
    parameters(i64 n, int d, int training, int tangent, const double* means, const double* rstd, Real beta,
               Real* dgamma, Real* dbias) {
  for (i64 j = firstElement(); j < d; j += allThreads()) {
    double gain = means[XH_U * d + j], bias = means[U * d + j];
    if (tangent) {
      double moved = means[V_U * d + j];
      if (training) moved -= means[V * d + j] * means[U * d + j] + means[XH_V * d + j] * means[XH_U * d + j];
      gain = madd(rstd[j], moved, means[XH_W * d + j]);
      bias = means[W * d + j];
    }
    dgamma[j] = plusKept(Real(n * gain), beta, dgamma, j);
    dbias[j] = plusKept(Real(n * bias), beta, dbias, j);
  }
}

/// out = g r D(u) + g' xh + bias' + beta out: the vjp, and with g' and bias', which may be null, the jvp
extern "C" __global__ void __launch_bounds__(THREADS)
    alongInput(i64 n, int d, int training, const double* mean, const double* rstd, const double* means, const Real* x,
               const Real* gamma, const Real* u, const Real* gammaDot, const Real* biasDot, Real beta, Real* out) {
  for (i64 i = firstElement(); i < n * d; i += allThreads()) {
    int j = columnOf(i, d);
    double xh = (x[i] - mean[j]) * rstd[j], du = u[i];
    if (training) du = du - means[U * d + j] - xh * means[XH_U * d + j];
    double v = gamma[j] * rstd[j] * du;
    if (gammaDot) v = madd((double)gammaDot[j], xh, v);
    if (biasDot) v += biasDot[j];
    out[i] = plusKept(Real(v), beta, out, i);
  }
}

/// dx' + beta dx'; gammaDot may be null
extern "C" __global__ void __launch_bounds__(THREADS)
    batchNormTangent(i64 n, int d, int training, const double* mean, const double* rstd, const double* means,
                     const Real* x, const Real* gamma, const Real* gammaDot, const Real* dy, const Real* xDot,
                     const Real* dyDot, Real beta, Real* out) {
  for (i64 i = firstElement(); i < n * d; i += allThreads()) {
    int j = columnOf(i, d);
    double r = rstd[j], g = gamma[j], gDot = gammaDot ? (double)gammaDot[j] : 0;
    double xh = (x[i] - mean[j]) * r, u = dy[i], v = xDot[i], w = dyDot[i];
    double result = gDot * r * u + g * r * w;
    if (training) {
      double uMean = means[U * d + j], uAlong = means[XH_U * d + j];
      double vMean = means[V * d + j], vAlong = means[XH_V * d + j];
      double du = u - uMean - xh * uAlong, dv = v - vMean - xh * vAlong;
      double dw = w - means[W * d + j] - xh * means[XH_W * d + j];
      double moved = r * (means[V_U * d + j] - vMean * uMean - vAlong * uAlong);
      result = (gDot * r - g * r * r * vAlong) * du + g * r * (dw - r * uAlong * dv - xh * moved);
    }
    out[i] = plusKept(Real(result), beta, out, i);
  }
}
