// Softmax and the losses built on it, row by row in fp64, and binary cross-entropy. Formulas and letters are those of
// LossKernels. A row has a warp or, if it is long, a block.
#include "elementary.cuh"

/// What a row is compared with: a distribution or a label, and a weight. Of y and labels one is null.
struct Target {
  const Real* y;
  const Real* labels;
  const Real* weights;

  /// 0 where the row is left out, and then neither its values nor its derivatives count.
  DEV double weight(i64 row) const {
    if (labels && labels[row] < 0) return 0;
    return weights ? (double)weights[row] : 1;
  }
  /// The probability of class j.
  DEV double of(i64 row, int c, int j) const {
    return labels ? (labels[row] == j ? 1.0 : 0.0) : (double)y[row * c + j];
  }
};

/// The largest logit of a row and the sum of exp(z - largest).
struct Sums {
  double largest, sum;

  DEV Sums(const Row& row, bool there, const Real* z, int c) {
    largest = -infinity();
    for (int j = row.lane; there && j < c; j += row.width) largest = larger(largest, z[j]);
    largest = row.over<Largest>(largest);
    sum = 0;
    for (int j = row.lane; there && j < c; j += row.width) sum += term(z[j]);
    sum = row.sum(sum);
  }
  DEV double term(Real z) const { return Elementary<double>::exp((double)z - largest); }
};

/// p = softmax(z), p may be z
extern "C" __global__ void __launch_bounds__(THREADS) softmax(i64 n, int c, int width, const Real* z, Real* p) {
  Row row(width);
  bool there = row.index < n;
  const Real* zi = z + row.index * c;
  Sums sums(row, there, zi, c);
  for (int j = row.lane; there && j < c; j += width) p[row.index * c + j] = Real(sums.term(zi[j]) / sums.sum);
}

/// out = scale w (p (.) u - p <p, u>) + beta out; w from the target
extern "C" __global__ void __launch_bounds__(THREADS)
    softmaxTangent(i64 n, int c, int width, double scale, const Real* labels, const Real* weights, const Real* p,
                   const Real* u, Real beta, Real* out) {
  Row row(width);
  double weight = row.index < n ? Target{nullptr, labels, weights}.weight(row.index) : 0;
  i64 at = row.index * c;
  double mean = 0;
  for (int j = row.lane; weight != 0 && j < c; j += width) mean = madd((double)p[at + j], (double)u[at + j], mean);
  mean = row.sum(mean);
  for (int j = row.lane; row.index < n && j < c; j += width) {
    Real tangent = weight == 0 ? Real(0) : Real(scale * weight * p[at + j] * (u[at + j] - mean));
    out[at + j] = plusKept(tangent, beta, out, at + j);
  }
}

/// out = p' (.) (dp - <p, dp>) + p (.) (dp' - <p', dp> - <p, dp'>) + beta out
extern "C" __global__ void __launch_bounds__(THREADS)
    softmaxVjpTangent(i64 n, int c, int width, const Real* p, const Real* dp, const Real* pTangent,
                      const Real* dpTangent, Real beta, Real* out) {
  Row row(width);
  i64 at = row.index * c;
  double mean = 0, change = 0;
  for (int j = row.lane; row.index < n && j < c; j += width) {
    mean = madd((double)p[at + j], (double)dp[at + j], mean);
    change = madd((double)pTangent[at + j], (double)dp[at + j], change);
    change = madd((double)p[at + j], (double)dpTangent[at + j], change);
  }
  mean = row.sum(mean);
  change = row.sum(change);
  for (int j = row.lane; row.index < n && j < c; j += width) {
    double v = pTangent[at + j] * (dp[at + j] - mean) + p[at + j] * (dpTangent[at + j] - change);
    out[at + j] = plusKept(Real(v), beta, out, at + j);
  }
}

/// p = softmax(z), and losses_i = w_i (log sum_j exp z_ij - sum_j y_ij z_ij)
extern "C" __global__ void __launch_bounds__(THREADS)
    crossEntropy(i64 n, int c, int width, const Real* z, const Real* y, const Real* labels, const Real* weights,
                 Real* p, double* losses) {
  Row row(width);
  bool there = row.index < n;
  i64 at = row.index * c;
  Sums sums(row, there, z + at, c);
  Target target = {y, labels, weights};
  double weight = there ? target.weight(row.index) : 0;
  double expected = 0;
  for (int j = row.lane; there && j < c; j += width) {
    Real zj = z[at + j];
    double yj = weight == 0 ? 0 : target.of(row.index, c, j);
    // A class of probability 0 adds nothing, even at minus infinity.
    if (yj != 0) expected = madd(yj, (double)zj, expected);
    p[at + j] = Real(sums.term(zj) / sums.sum);
  }
  expected = row.sum(expected);
  if (there && row.lane == 0) {
    losses[row.index] = weight == 0 ? 0 : weight * (sums.largest + Elementary<double>::log(sums.sum) - expected);
  }
}

/// dz = scale w (p - y) + beta dz
extern "C" __global__ void __launch_bounds__(THREADS, 1)
    crossEntropyVjp(i64 n, int c, double scale, const Real* p, const Real* y, const Real* labels, const Real* weights,
                    Real beta, Real* dz) {
  Target target = {y, labels, weights};
  for (i64 i = firstElement(); i < n * c; i += allThreads()) {
    i64 row = rowOf(i, c);
    double factor = scale * target.weight(row);
    double v = factor == 0 ? 0 : factor * (p[i] - target.of(row, c, columnOf(i, c)));
    dz[i] = plusKept(Real(v), beta, dz, i);
  }
}

/// changes_i = w_i <p_i - y_i, u_i>
extern "C" __global__ void __launch_bounds__(THREADS)
    crossEntropyJvp(i64 n, int c, int width, const Real* p, const Real* y, const Real* labels, const Real* weights,
                    const Real* u, double* changes) {
  Row row(width);
  Target target = {y, labels, weights};
  double weight = row.index < n ? target.weight(row.index) : 0;
  i64 at = row.index * c;
  double sum = 0;
  for (int j = row.lane; weight != 0 && j < c; j += width) {
    sum = madd(p[at + j] - target.of(row.index, c, j), (double)u[at + j], sum);
  }
  sum = row.sum(sum);
  if (row.index < n && row.lane == 0) changes[row.index] = weight == 0 ? 0 : weight * sum;
}

/// Binary cross-entropy of logits, a = -|z|, e = softplus(a), t = sigmoid(a), h = [z > 0]:
///   loss e + max(z, 0) - y z,  first (h - y) - (2h - 1) t,  second t (1 - t), each times scale w
/// Nothing large is taken from something large, so that a confident prediction keeps its relative precision. losses_i is
/// the sum of row i, without scale; first and second may be null.
extern "C" __global__ void __launch_bounds__(THREADS)
    binaryCrossEntropy(i64 n, int c, int width, Real scale, const Real* z, const Real* y, const Real* weights,
                       Real* first, Real* second, double* losses) {
  Row row(width);
  bool there = row.index < n;
  Real weight = there ? (weights ? weights[row.index] : Real(1)) : Real(0);
  Real factor = weight * scale;
  double sum = 0;
  for (int j = row.lane; there && j < c; j += width) {
    i64 at = row.index * c + j;
    Real x = weight == 0 ? Real(0) : z[at], yes = weight == 0 ? Real(0) : y[at];
    Jet<Real> e = Activation<Real>::softplus(-magnitude(x));
    Real h = x > 0 ? Real(1) : Real(0);
    if (first) first[at] = madd(e.first, 1 - h - h, h - yes) * factor;
    if (second) second[at] = e.second * factor;
    double wide = x, positive = (magnitude(wide) + wide) * 0.5;
    sum = madd(e.value + madd(-(double)yes, wide, positive), (double)weight, sum);
  }
  sum = row.sum(sum);
  if (there && row.lane == 0) losses[row.index] = sum;
}
