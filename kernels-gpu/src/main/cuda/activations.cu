// Functions of one argument, with their derivatives, and what chain rule makes of them.
#include "elementary.cuh"

/// Values and derivatives at z_ij + row_j, z [n x d]; row and each of the three outputs may be null. value may be z.
extern "C" __global__ void __launch_bounds__(THREADS)
    activation(i64 n, int d, int kind, Real slope, const Real* z, const Real* row, Real* value, Real* first,
               Real* second) {
  for (i64 i = firstElement(); i < n * d; i += allThreads()) {
    Jet<Real> f = Activation<Real>::at(kind, slope, row ? z[i] + row[columnOf(i, d)] : z[i]);
    if (value) value[i] = f.value;
    if (first) first[i] = f.first;
    if (second) second[i] = f.second;
  }
}

/// y = f'(z) u + beta y, and with dz and du its tangent y = f'(z) du + f''(z) dz u + beta y
extern "C" __global__ void __launch_bounds__(THREADS)
    activationProduct(i64 n, int kind, Real slope, const Real* z, const Real* u, const Real* dz, const Real* du,
                      Real beta, Real* y) {
  for (i64 i = firstElement(); i < n; i += allThreads()) {
    Jet<Real> f = Activation<Real>::at(kind, slope, z[i]);
    Real along = dz ? du[i] : u[i];
    Real bent = dz ? f.second * u[i] * dz[i] : Real(0);
    y[i] = dz ? madd(f.first, along, plusKept(bent, beta, y, i)) : productPlusKept(f.first, along, beta, y, i);
  }
}

/// What follows a product that stands in c: Z = c + row, c = f(Z) (.) times + plus, first = f'(Z). Each part but the
/// function may be null; matrices [m x n] have strides of their own.
extern "C" __global__ void __launch_bounds__(THREADS)
    afterProduct(i64 m, int n, int kind, Real slope, const Real* row, Real* c, i64 cStride, Real* first,
                 i64 firstStride, const Real* times, i64 timesStride, const Real* plus, i64 plusStride) {
  for (i64 e = firstElement(); e < m * n; e += allThreads()) {
    i64 i = rowOf(e, n);
    int j = columnOf(e, n);
    Real z = c[i * cStride + j];
    Jet<Real> f = Activation<Real>::at(kind, slope, row ? z + row[j] : z);
    Real v = f.value;
    if (times) v = v * times[i * timesStride + j];
    if (plus) v = v + plus[i * plusStride + j];
    c[i * cStride + j] = v;
    if (first) first[i * firstStride + j] = f.first;
  }
}
