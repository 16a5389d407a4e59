// Sums and extremes of whole vectors. A vector is cut among blocks by its length alone, each block leaves its share, and
// the block that finishes last puts the shares together in order: one launch, and the same bits every time.
#pragma once
#include "evolute.cuh"

/// The last block to come here: all shares are then in memory.
DEV bool isLastBlock(u32* finished) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    __threadfence();
    last = atomicAdd(finished, 1u) == gridDim.x - 1;
    if (last) *finished = 0;
    __threadfence();
  }
  __syncthreads();
  return last;
}

/// out = factor times the sum (or the largest) of term(i) over i < n
template <class Op, class Term>
DEV void reduce(i64 n, Term term, double* shares, u32* finished, double factor, double* out) {
  double share = Op::empty();
  for (i64 i = firstElement(); i < n; i += allThreads()) share = Op::of(share, term(i));
  share = overBlock<Op>(share);
  if (threadIdx.x == 0) shares[blockIdx.x] = share;
  if (isLastBlock(finished)) {
    double all = Op::empty();
    for (int b = threadIdx.x; b < (int)gridDim.x; b += blockDim.x) all = Op::of(all, ((volatile double*)shares)[b]);
    all = overBlock<Op>(all);
    if (threadIdx.x == 0) *out = factor * all;
  }
}
