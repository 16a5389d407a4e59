// Scaled dot-product attention, head by head, with its derivatives; formulas and letters are those of AttentionKernels.
// Scores are never stored: a warp has a query (or, for the gradients of keys and values, a key), its lanes form 32
// scores at a time, and then take the elements of the head. What is added up stands in shared memory, an element a lane.
// Scores and sums are formed in fp64. Launch bounds tell ptxas that one block a multiprocessor will do: it
// would spill for the sake of more.
#include "elementary.cuh"

/// The shape.
struct Shape {
  i64 batch, heads, keyHeads, queries, keys, dim, causal;
  double scale;

  /// Keys that query i sees.
  DEV i64 seen(i64 i) const {
    i64 last = causal ? i + keys - queries + 1 : keys;
    return last < 0 ? 0 : last < keys ? last : keys;
  }
};

/// One of q, k, v, o, their gradients or tangents: rows of a batch entry, heads side by side.
struct Operand {
  const Real* at;
  i64 stride;

  DEV const Real* row(i64 index, i64 head, i64 dim) const { return at + index * stride + head * dim; }
};
struct Result {
  Real* at;
  i64 stride;
};

/// What the forward pass reads and leaves, or the tangent of it. Null where there is none.
struct Values {
  Operand q, k, v, o;
  const Real* lse;
};

/// The one argument of all kernels here, 8 bytes a number, as the host writes it.
struct Attention {
  Values x, xDot;
  Operand dO, dODot;
  Result first, second;  // o or o', dQ, dK and dV, or their tangents
  Real* lse;             // or lse'
  double beta;
  Shape s;
};

DEV double product(const Real* a, const Real* b, i64 n) {
  double sum = 0;
  for (i64 e = 0; e < n; e++) sum = madd((double)a[e], (double)b[e], sum);
  return sum;
}

/// S_ij, rounded to the element type as lse is: where scores are huge, both then round alike.
DEV double scaled(const Shape& s, const Real* q, const Real* k) { return (double)(Real)(s.scale * product(q, k, s.dim)); }

/// Which query or key this warp has.
struct Task {
  i64 batch, head, index;
  bool there;
  int lane, warp;

  DEV Task(i64 batches, i64 heads, i64 count) : lane(threadIdx.x % LANES), warp(threadIdx.x / LANES) {
    i64 t = (i64)blockIdx.x * (blockDim.x / LANES) + warp;
    there = t < batches * heads * count;
    index = t % count;
    head = t / count % heads;
    batch = t / count / heads;
  }
};

/// o_i = sum_j P_ij v_j, and lse_i = log sum_j exp S_ij; -infinity and 0 for a query that sees no key.
extern "C" __global__ void __launch_bounds__(THREADS, 1) attention(Attention a) {
  const Shape& s = a.s;
  const Operand &q = a.x.q, &k = a.x.k, &v = a.x.v;
  const Result& o = a.first;
  Real* lse = a.lse;
  DYNAMIC_SHARED(double, sums);
  Task t(s.batch, s.heads, s.queries);
  if (!t.there) return;
  i64 row = t.batch * s.queries + t.index, keyHead = t.head / (s.heads / s.keyHeads), key0 = t.batch * s.keys;
  const Real* qi = q.row(row, t.head, s.dim);
  i64 seen = s.seen(t.index);
  double largest = -infinity();
  for (i64 j = t.lane; j < seen; j += LANES) {
    largest = larger(largest, scaled(s, qi, k.row(key0 + j, keyHead, s.dim)));
  }
  largest = overWarp<Largest>(largest);
  // Where all scores are -infinity, as where there is none, nothing is left to divide.
  double base = largest == -infinity() ? 0 : largest, sum = 0;
  double* mine = sums + t.warp * s.dim;
  for (i64 e = t.lane; e < s.dim; e += LANES) mine[e] = 0;
  for (i64 j0 = 0; j0 < seen; j0 += LANES) {
    i64 j = j0 + t.lane;
    double p = 0;
    if (j < seen) p = Elementary<double>::exp(scaled(s, qi, k.row(key0 + j, keyHead, s.dim)) - base);
    sum += p;
    int some = seen - j0 < LANES ? (int)(seen - j0) : LANES;
    for (int l = 0; l < some; l++) {
      double pl = __shfl_sync(ALL_LANES, p, l);
      const Real* vj = v.row(key0 + j0 + l, keyHead, s.dim);
      // What is hidden adds nothing, whatever stands there.
      for (i64 e = t.lane; pl != 0 && e < s.dim; e += LANES) mine[e] = madd(pl, (double)vj[e], mine[e]);
    }
  }
  sum = overWarp<Sum>(sum);
  for (i64 e = t.lane; e < s.dim; e += LANES) {
    o.at[row * o.stride + t.head * s.dim + e] = sum == 0 ? Real(0) : Real(mine[e] / sum);
  }
  if (t.lane == 0) {
    lse[(t.batch * s.heads + t.head) * s.queries + t.index] =
        sum == 0 ? Real(-infinity()) : Real(base + Elementary<double>::log(sum));
  }
}

/// One score with all that its derivatives need.
struct Score {
  double p, dp, ds;        // P, dP, dS
  double pDot, dsDot;      // their tangents
  double sDot;             // S'
};

/// What belongs to a query: pointers into its rows, and statistics.
struct Query {
  const Real *q, *o, *dO, *qDot, *oDot, *dODot;
  double lse, lseDot, d, dDot;
};

/// The tangents are those of a query and key with x', whose pointers may be null: then all of theirs is 0.
DEV Score score(const Shape& s, const Query& i, const Real* k, const Real* v, const Real* kDot, const Real* vDot) {
  Score r = {};
  // A query that sees nothing but scores of -infinity has lse -infinity and gives nothing.
  if (i.lse == -infinity()) return r;
  r.p = Elementary<double>::exp(scaled(s, i.q, k) - i.lse);
  if (i.dO) {
    r.dp = product(i.dO, v, s.dim);
    r.ds = r.p == 0 ? 0 : r.p * (r.dp - i.d);
  }
  if (kDot && r.p != 0) {
    r.sDot = s.scale * (product(i.qDot, k, s.dim) + product(i.q, kDot, s.dim));
    r.pDot = r.p * (r.sDot - i.lseDot);
    if (i.dODot) {
      double dpDot = product(i.dODot, v, s.dim) + product(i.dO, vDot, s.dim);
      r.dsDot = r.pDot * (r.dp - i.d) + r.p * (dpDot - i.dDot);
    }
  }
  return r;
}

/// The rows of query i of a batch entry in head h. Null operands stay null.
DEV const Real* rowOrNull(const Operand& x, i64 row, i64 head, i64 dim) {
  return x.at ? x.row(row, head, dim) : nullptr;
}

DEV Query query(const Shape& s, const Values& x, const Values& xDot, const Operand& dO, const Operand& dODot, i64 batch,
                i64 head, i64 i) {
  i64 row = batch * s.queries + i, at = (batch * s.heads + head) * s.queries + i;
  Query r = {};
  r.q = x.q.row(row, head, s.dim);
  r.o = x.o.row(row, head, s.dim);
  r.dO = rowOrNull(dO, row, head, s.dim);
  r.qDot = rowOrNull(xDot.q, row, head, s.dim);
  r.oDot = rowOrNull(xDot.o, row, head, s.dim);
  r.dODot = rowOrNull(dODot, row, head, s.dim);
  r.lse = x.lse[at];
  r.lseDot = xDot.lse ? (double)xDot.lse[at] : 0;
  if (r.dO) r.d = product(r.dO, r.o, s.dim);
  if (r.dODot) r.dDot = product(r.dODot, r.o, s.dim) + product(r.dO, r.oDot, s.dim);
  return r;
}

/// o'_i = sum_j P'_ij v_j + P_ij v'_j and lse'_i = sum_j P_ij S'_ij
extern "C" __global__ void __launch_bounds__(THREADS, 1) attentionJvp(Attention a) {
  const Shape& s = a.s;
  const Values &x = a.x, &xDot = a.xDot;
  const Result& oDot = a.first;
  Real* lseDot = a.lse;
  DYNAMIC_SHARED(double, sums);
  Task t(s.batch, s.heads, s.queries);
  if (!t.there) return;
  i64 keyHead = t.head / (s.heads / s.keyHeads), key0 = t.batch * s.keys, seen = s.seen(t.index);
  Operand none = {};
  Values q = xDot;
  q.lse = nullptr;
  q.o = none;
  Query i = query(s, x, q, none, none, t.batch, t.head, t.index);
  double mean = 0;
  for (i64 j = t.lane; j < seen; j += LANES) {
    Score c = score(s, i, x.k.row(key0 + j, keyHead, s.dim), nullptr, xDot.k.row(key0 + j, keyHead, s.dim), nullptr);
    if (c.p != 0) mean = madd(c.p, c.sDot, mean);
  }
  i.lseDot = overWarp<Sum>(mean);
  double* mine = sums + t.warp * s.dim;
  for (i64 e = t.lane; e < s.dim; e += LANES) mine[e] = 0;
  for (i64 j0 = 0; j0 < seen; j0 += LANES) {
    i64 j = j0 + t.lane;
    Score c = {};
    if (j < seen) {
      c = score(s, i, x.k.row(key0 + j, keyHead, s.dim), nullptr, xDot.k.row(key0 + j, keyHead, s.dim), nullptr);
    }
    int some = seen - j0 < LANES ? (int)(seen - j0) : LANES;
    for (int l = 0; l < some; l++) {
      double p = __shfl_sync(ALL_LANES, c.p, l), pDot = __shfl_sync(ALL_LANES, c.pDot, l);
      const Real *vj = x.v.row(key0 + j0 + l, keyHead, s.dim), *vDot = xDot.v.row(key0 + j0 + l, keyHead, s.dim);
      for (i64 e = t.lane; p != 0 && e < s.dim; e += LANES) {
        mine[e] = madd(pDot, (double)vj[e], madd(p, (double)vDot[e], mine[e]));
      }
    }
  }
  i64 row = t.batch * s.queries + t.index;
  for (i64 e = t.lane; e < s.dim; e += LANES) oDot.at[row * oDot.stride + t.head * s.dim + e] = Real(mine[e]);
  if (t.lane == 0) lseDot[(t.batch * s.heads + t.head) * s.queries + t.index] = Real(i.lseDot);
}

/// dQ_i = scale sum_j dS_ij k_j + beta dQ_i, or with x' and dO' its tangent, scale sum_j dS'_ij k_j + dS_ij k'_j
extern "C" __global__ void __launch_bounds__(THREADS, 1) attentionQueries(Attention a) {
  const Shape& s = a.s;
  const Values &x = a.x, &xDot = a.xDot;
  const Operand &dO = a.dO, &dODot = a.dODot;
  const Result& dq = a.first;
  const Real beta = (Real)a.beta;
  DYNAMIC_SHARED(double, sums);
  Task t(s.batch, s.heads, s.queries);
  if (!t.there) return;
  i64 keyHead = t.head / (s.heads / s.keyHeads), key0 = t.batch * s.keys, seen = s.seen(t.index);
  Query i = query(s, x, xDot, dO, dODot, t.batch, t.head, t.index);
  double* mine = sums + t.warp * s.dim;
  for (i64 e = t.lane; e < s.dim; e += LANES) mine[e] = 0;
  for (i64 j0 = 0; j0 < seen; j0 += LANES) {
    i64 j = key0 + j0 + t.lane;
    Score c = {};
    if (j0 + t.lane < seen) {
      c = score(s, i, x.k.row(j, keyHead, s.dim), x.v.row(j, keyHead, s.dim), rowOrNull(xDot.k, j, keyHead, s.dim),
                rowOrNull(xDot.v, j, keyHead, s.dim));
    }
    int some = seen - j0 < LANES ? (int)(seen - j0) : LANES;
    for (int l = 0; l < some; l++) {
      double ds = __shfl_sync(ALL_LANES, c.ds, l), dsDot = __shfl_sync(ALL_LANES, c.dsDot, l);
      double p = __shfl_sync(ALL_LANES, c.p, l);
      const Real* kj = x.k.row(key0 + j0 + l, keyHead, s.dim);
      const Real* kDot = rowOrNull(xDot.k, key0 + j0 + l, keyHead, s.dim);
      for (i64 e = t.lane; p != 0 && e < s.dim; e += LANES) {
        mine[e] = kDot ? madd(dsDot, (double)kj[e], madd(ds, (double)kDot[e], mine[e])) : madd(ds, (double)kj[e], mine[e]);
      }
    }
  }
  i64 row = t.batch * s.queries + t.index;
  for (i64 e = t.lane; e < s.dim; e += LANES) {
    i64 at = row * dq.stride + t.head * s.dim + e;
    dq.at[at] = plusKept(Real(s.scale * mine[e]), beta, dq.at, at);
  }
}

/// dK_j = scale sum_i dS_ij q_i + beta dK_j and dV_j = sum_i P_ij dO_i + beta dV_j over all queries of all heads that read
/// key head h, or with x' and dO' their tangents, scale sum_i dS'_ij q_i + dS_ij q'_i and sum_i P'_ij dO_i + P_ij dO'_i
extern "C" __global__ void __launch_bounds__(THREADS, 1) attentionKeys(Attention a) {
  const Shape& s = a.s;
  const Values &x = a.x, &xDot = a.xDot;
  const Operand &dO = a.dO, &dODot = a.dODot;
  const Result &dk = a.first, &dv = a.second;
  const Real beta = (Real)a.beta;
  DYNAMIC_SHARED(double, sums);
  Task t(s.batch, s.keyHeads, s.keys);
  if (!t.there) return;
  i64 group = s.heads / s.keyHeads, j = t.batch * s.keys + t.index;
  const Real *kj = x.k.row(j, t.head, s.dim), *vj = x.v.row(j, t.head, s.dim);
  const Real *kDot = rowOrNull(xDot.k, j, t.head, s.dim), *vDot = rowOrNull(xDot.v, j, t.head, s.dim);
  double *ofKey = sums + 2 * t.warp * s.dim, *ofValue = ofKey + s.dim;
  for (i64 e = t.lane; e < s.dim; e += LANES) ofKey[e] = ofValue[e] = 0;
  for (i64 head = t.head * group; head < (t.head + 1) * group; head++) {
    for (i64 i0 = 0; i0 < s.queries; i0 += LANES) {
      i64 i = i0 + t.lane;
      Score c = {};
      if (i < s.queries && t.index < s.seen(i)) {
        c = score(s, query(s, x, xDot, dO, dODot, t.batch, head, i), kj, vj, kDot, vDot);
      }
      int some = s.queries - i0 < LANES ? (int)(s.queries - i0) : LANES;
      for (int l = 0; l < some; l++) {
        double p = __shfl_sync(ALL_LANES, c.p, l), ds = __shfl_sync(ALL_LANES, c.ds, l);
        double pDot = __shfl_sync(ALL_LANES, c.pDot, l), dsDot = __shfl_sync(ALL_LANES, c.dsDot, l);
        i64 row = t.batch * s.queries + i0 + l;
        const Real *qi = x.q.row(row, head, s.dim), *ui = dO.row(row, head, s.dim);
        const Real *qDot = rowOrNull(xDot.q, row, head, s.dim), *uDot = rowOrNull(dODot, row, head, s.dim);
        for (i64 e = t.lane; p != 0 && e < s.dim; e += LANES) {
          if (kDot) {
            ofKey[e] = madd(dsDot, (double)qi[e], madd(ds, (double)qDot[e], ofKey[e]));
            ofValue[e] = madd(pDot, (double)ui[e], madd(p, (double)uDot[e], ofValue[e]));
          } else {
            ofKey[e] = madd(ds, (double)qi[e], ofKey[e]);
            ofValue[e] = madd(p, (double)ui[e], ofValue[e]);
          }
        }
      }
    }
  }
  for (i64 e = t.lane; e < s.dim; e += LANES) {
    i64 atKey = j * dk.stride + t.head * s.dim + e, atValue = j * dv.stride + t.head * s.dim + e;
    dk.at[atKey] = plusKept(Real(s.scale * ofKey[e]), beta, dk.at, atKey);
    dv.at[atValue] = plusKept(Real(ofValue[e]), beta, dv.at, atValue);
  }
}
