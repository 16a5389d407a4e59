// Rotary positions, SwiGLU, embeddings; formulas and letters are those of SequenceKernels.
#include "elementary.cuh"

/// y = R x + beta y, R rotating each head of `width` elements of row i by the angles of position i % length: element j
/// of the first half of its first 2 `half` elements together with element j of the second. sign is -1 for R^T.
extern "C" __global__ void __launch_bounds__(THREADS)
    rotary(i64 n, int heads, int width, int half, int length, Real sign, const Real* cos, const Real* sin,
           const Real* x, i64 xStride, Real beta, Real* y, i64 yStride) {
  // A thread turns a pair or passes one element on; a head has `width - half` such tasks.
  int tasks = width - half;
  for (i64 t = firstElement(); t < n * heads * tasks; t += allThreads()) {
    i64 head = rowOf(t, tasks);
    int j = columnOf(t, tasks);
    i64 i = head / heads;
    i64 in = i * xStride + head % heads * width, out = i * yStride + head % heads * width;
    if (j < half) {
      i64 angle = i % length * half + j;
      Real c = cos[angle], s = sin[angle] * sign, u = x[in + j], v = x[in + half + j];
      Real low = u * c - v * s, high = u * s + v * c;
      y[out + j] = plusKept(low, beta, y, out + j);
      y[out + half + j] = plusKept(high, beta, y, out + half + j);
    } else {
      y[out + half + j] = plusKept(x[in + half + j], beta, y, out + half + j);
    }
  }
}

/// silu(a) = a s with s = 1 / (1 + exp(-a)), t = 1 - s, and its derivatives. With a held where exp is finite no term
/// cancels; beyond, silu is 0, or a, to rounding.
struct Silu {
  Real value, first, second;

  DEV Silu(Real a) {
    constexpr Real FAR = sizeof(Real) == 4 ? 87 : 708;
    Real held = a < -FAR ? -FAR : a > FAR ? FAR : a;
    Real e = Elementary<Real>::exp(-held);
    Real s = 1 / (1 + e), t = e * s;
    value = (a < -FAR ? -FAR : a) * s;
    first = s * madd(held, t, Real(1));
    second = s * t * madd(held, t - s, Real(2));
  }
};

/// What one element of a, b and what belongs to them has, at `in`, and y and what belongs to it, at `out`.
struct Gate {
  i64 in, out;

  DEV Gate(i64 e, int d, i64 stride, i64 yStride) {
    i64 i = rowOf(e, d);
    int j = columnOf(e, d);
    in = i * stride + j;
    out = i * yStride + j;
  }
};

extern "C" __global__ void __launch_bounds__(THREADS)
    swiglu(i64 n, int d, const Real* a, const Real* b, i64 stride, Real* y, i64 yStride) {
  for (i64 e = firstElement(); e < n * d; e += allThreads()) {
    Gate at(e, d, stride, yStride);
    y[at.out] = Silu(a[at.in]).value * b[at.in];
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    swigluVjp(i64 n, int d, const Real* a, const Real* b, i64 stride, const Real* dy, i64 yStride, Real beta, Real* da,
              Real* db) {
  for (i64 e = firstElement(); e < n * d; e += allThreads()) {
    Gate at(e, d, stride, yStride);
    Silu f(a[at.in]);
    Real u = dy[at.out];
    da[at.in] = plusKept(u * b[at.in] * f.first, beta, da, at.in);
    db[at.in] = plusKept(u * f.value, beta, db, at.in);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    swigluJvp(i64 n, int d, const Real* a, const Real* b, i64 stride, const Real* aTangent, const Real* bTangent,
              Real* yTangent, i64 yStride) {
  for (i64 e = firstElement(); e < n * d; e += allThreads()) {
    Gate at(e, d, stride, yStride);
    Silu f(a[at.in]);
    yTangent[at.out] = madd(f.first * aTangent[at.in], b[at.in], f.value * bTangent[at.in]);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    swigluVjpTangent(i64 n, int d, const Real* a, const Real* b, i64 stride, const Real* dy, i64 yStride,
                     const Real* aTangent, const Real* bTangent, const Real* dyTangent, Real beta, Real* daTangent,
                     Real* dbTangent) {
  for (i64 e = firstElement(); e < n * d; e += allThreads()) {
    Gate at(e, d, stride, yStride);
    Silu f(a[at.in]);
    Real u = dy[at.out], uTangent = dyTangent[at.out];
    Real moved = madd(uTangent, b[at.in], u * bTangent[at.in]);
    Real da = madd(moved, f.first, u * b[at.in] * f.second * aTangent[at.in]);
    Real db = madd(uTangent, f.value, u * f.first * aTangent[at.in]);
    daTangent[at.in] = plusKept(da, beta, daTangent, at.in);
    dbTangent[at.in] = plusKept(db, beta, dbTangent, at.in);
  }
}

/// y_i = table_{index_i}
extern "C" __global__ void __launch_bounds__(THREADS)
    gather(i64 n, int d, const Real* table, i64 stride, const Real* index, Real* y, i64 yStride) {
  for (i64 e = firstElement(); e < n * d; e += allThreads()) {
    i64 i = rowOf(e, d);
    int j = columnOf(e, d);
    y[i * yStride + j] = table[(i64)index[i] * stride + j];
  }
}

/// dtable_k = sum of dy_i over index_i = k, in order, + beta dtable_k. A warp has a row of the table: its lanes look at
/// 32 indices at a time and take a column each of the rows that are theirs.
extern "C" __global__ void __launch_bounds__(THREADS)
    scatterAdd(i64 rows, i64 n, int d, const Real* dy, i64 dyStride, const Real* index, Real beta, Real* dtable,
               i64 stride) {
  Row row(LANES);
  for (int first = 0; first < d; first += LANES) {
    int j = first + row.lane;
    double sum = 0;
    for (i64 i = 0; i < n; i += LANES) {
      bool mine = row.index < rows && i + row.lane < n && index[i + row.lane] == (Real)row.index;
      u32 found = __ballot_sync(ALL_LANES, mine);
      for (; found; found &= found - 1) {
        i64 at = i + __ffs(found) - 1;
        if (j < d) sum += dy[at * dyStride + j];
      }
    }
    if (row.index < rows && j < d) {
      dtable[row.index * stride + j] = plusKept(Real(sum), beta, dtable, row.index * stride + j);
    }
  }
}
