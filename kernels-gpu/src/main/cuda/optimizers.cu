// Parameter updates, each in one pass over memory; formulas and letters are those of OptimizerKernels.
#include "evolute.cuh"

/// d = factor g + decay theta; without velocity theta -= eta d, with it v = momentum v + d and
/// theta -= eta (ahead v + share d): the heavy ball has ahead 1 and share 0, Nesterov momentum and 1. Where there are
/// rates, eta and factor are those.
extern "C" __global__ void __launch_bounds__(THREADS)
    sgd(i64 n, const double* rates, Real eta, Real factor, Real decay, Real momentum, Real ahead, Real share, const Real* g, Real* theta,
        Real* velocity) {
  if (rates) eta = Real(rates[0]), factor = Real(rates[1]);
  for (i64 i = firstElement(); i < n; i += allThreads()) {
    Real x = theta[i];
    Real d = madd(x, decay, g[i] * factor);
    if (velocity) {
      Real v = madd(velocity[i], momentum, d);
      velocity[i] = v;
      d = madd(v, ahead, d * share);
    }
    theta[i] = madd(d, -eta, x);
  }
}

/// d = factor g + decay theta, m = beta1 m + rest1 d, v = beta2 v + rest2 d^2,
/// theta = keep theta - eta m / (spread sqrt(v) + eps): eta and spread carry the bias correction, one of decay and keep
/// the weight decay. Where there are rates, factor, eta, spread and keep are those.
extern "C" __global__ void __launch_bounds__(THREADS)
    adam(i64 n, const double* rates, Real factor, Real decay, Real beta1, Real rest1, Real beta2, Real rest2, Real eta,
         Real spread, Real eps, Real keep, const Real* g, Real* theta, Real* m, Real* v) {
  if (rates) factor = Real(rates[0]), eta = Real(rates[1]), spread = Real(rates[2]), keep = Real(rates[3]);
  for (i64 i = firstElement(); i < n; i += allThreads()) {
    Real x = theta[i];
    Real d = madd(x, decay, g[i] * factor);
    Real first = madd(m[i], beta1, d * rest1);
    Real second = madd(v[i], beta2, d * d * rest2);
    m[i] = first;
    v[i] = second;
    theta[i] = x * keep - first * eta / madd(root(second), spread, eps);
  }
}
