package dev.evolute.kernels;

/**
 * Every numeric primitive, once, for one device and one element type. All buffers have that device
 * and type unless said otherwise. Outputs must not overlap inputs except where a method says so.
 * Where beta is 0, the output is written and never read. Results do not depend on the number of
 * threads: every sum is formed in a fixed order. Each method throws {@link
 * IllegalArgumentException} with both shapes in its message when shapes disagree.
 */
public interface Kernels
    extends ProductKernels,
        VectorKernels,
        ReductionKernels,
        KrylovKernels,
        ActivationKernels,
        LossKernels,
        NormKernels,
        AttentionKernels,
        SequenceKernels,
        ImageKernels,
        OptimizerKernels {
  /** The device they compute on; so is the memory of every operand. */
  Device device();

  /** The element type of every operand that is not said to have another. */
  DType dtype();
}
