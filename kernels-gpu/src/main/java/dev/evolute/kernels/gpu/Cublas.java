package dev.evolute.kernels.gpu;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUdeviceptr;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * Products by NVIDIA's cuBLAS on a device's stream, through JCublas2. It works in memory that it is
 * given once: in a stream that is being captured it would ask for some, and graphs keep addresses.
 *
 * <p>Source: cuBLAS documentation, sections "cublasGemmEx", "cublasGemmStridedBatchedEx",
 * "cublasSetWorkspace" and "Results reproducibility".
 */
final class Cublas implements AutoCloseable {
  /** What cuBLAS itself would take, on Hopper and later, and on what is older. */
  private static final long WORKSPACE = 32L << 20;

  private static final long OLDER_WORKSPACE = 4L << 20;

  private static final int DEFAULT_ALGORITHM = -1;
  private static final CUdeviceptr ZERO = new CUdeviceptr();

  private final CudaDevice device;
  private final cublasHandle handle = new cublasHandle();
  private final Buffer workspace;
  private final String version;

  /** alpha and beta of the next call, which takes a copy. */
  private final MemorySegment scalars = Arena.ofAuto().allocate(2 * Double.BYTES, Double.BYTES);

  private final Pointer alpha = new Pointer().withByteOffset(scalars.address());
  private final Pointer beta = new Pointer().withByteOffset(scalars.address() + Double.BYTES);

  /** Starts cuBLAS, which {@link Cuda#cublas} has brought into the process. */
  Cublas(CudaDevice device) {
    this.device = device;
    device.enter();
    long bytes = device.major() >= 9 ? WORKSPACE : OLDER_WORKSPACE;
    workspace = device.allocate(DType.F64, bytes / Double.BYTES);
    try {
      check("cublasCreate", JCublas2.cublasCreate(handle));
      check("cublasSetStream", JCublas2.cublasSetStream(handle, new cudaStream_t(device.stream())));
      // A stream takes the workspace away, so this comes second.
      Pointer memory = ZERO.withByteOffset(((CudaBuffer) workspace).address());
      check("cublasSetWorkspace", JCublas2.cublasSetWorkspace(handle, memory, bytes));
      int[] number = new int[1];
      check("cublasGetVersion", JCublas2.cublasGetVersion(handle, number));
      version = number[0] / 10000 + "." + number[0] % 10000 / 100 + "." + number[0] % 100;
    } catch (IllegalStateException e) {
      workspace.close();
      throw e;
    }
  }

  /** Such as {@code 12.6.4}. */
  String version() {
    return version;
  }

  /** Whether it can make this product, which is not empty: it wants an inner size. */
  static boolean takes(Product p) {
    return p.k() > 0 && (p.d() == null || p.k2() > 0);
  }

  /** Makes a product whose C stands row by row. */
  void product(ProductsOnCuda kernels, Product p) {
    gemm(kernels, p, p.a(), p.b(), p.beta());
    if (p.d() != null) {
      gemm(kernels, p, p.d(), p.e(), 1);
    }
    Epilogue after = p.after();
    if (after != null) {
      kernels.afterProduct(p.c(), after.bias(), after);
    }
  }

  /** {@code C = alpha A B + beta C}, which to cuBLAS, column by column, is C^T = B^T A^T. */
  private void gemm(ProductsOnCuda kernels, Product p, Matrix a, Matrix b, double beta) {
    DType dtype = kernels.dtype();
    int type = dtype == DType.F32 ? cudaDataType.CUDA_R_32F : cudaDataType.CUDA_R_64F;
    int how = how(dtype, device.precision());
    scalar(dtype, 0, p.alpha());
    scalar(dtype, Double.BYTES, beta);
    Matrix c = p.c();
    device.counted();
    if (p.count() == 1) {
      check(
          "cublasGemmEx",
          JCublas2.cublasGemmEx_new(
              handle,
              operation(b),
              operation(a),
              p.n(),
              p.m(),
              a.cols(),
              alpha,
              at(b),
              type,
              b.stride(),
              at(a),
              type,
              a.stride(),
              this.beta,
              at(c),
              type,
              c.stride(),
              how,
              DEFAULT_ALGORITHM));
    } else {
      check(
          "cublasGemmStridedBatchedEx",
          JCublas2.cublasGemmStridedBatchedEx_new(
              handle,
              operation(b),
              operation(a),
              p.n(),
              p.m(),
              a.cols(),
              alpha,
              at(b),
              type,
              b.stride(),
              p.bStep(),
              at(a),
              type,
              a.stride(),
              p.aStep(),
              this.beta,
              at(c),
              type,
              c.stride(),
              p.cStep(),
              p.count(),
              how,
              DEFAULT_ALGORITHM));
    }
  }

  /**
   * The units that are as exact as was asked for. Sums of two or three shorter numbers cuBLAS has
   * not in all its versions: f32 is at least as exact.
   */
  private static int how(DType dtype, Precision precision) {
    if (dtype == DType.F64) {
      return cublasComputeType.CUBLAS_COMPUTE_64F;
    }
    return switch (precision) {
      case TF32 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32;
      case BF16 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16BF;
      case F32, TF32X3, BF16X6, BF16X3 -> cublasComputeType.CUBLAS_COMPUTE_32F;
    };
  }

  private void scalar(DType dtype, long at, double value) {
    if (dtype == DType.F32) {
      scalars.set(JAVA_FLOAT, at, (float) value);
    } else {
      scalars.set(JAVA_DOUBLE, at, value);
    }
  }

  private static int operation(Matrix x) {
    return x.transposed() ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static Pointer at(Matrix x) {
    return ZERO.withByteOffset(((CudaBuffer) x.buffer()).address());
  }

  private static void check(String call, int status) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new IllegalStateException(
          "cuBLAS: " + call + " failed with " + cublasStatus.stringFor(status));
    }
  }

  @Override
  public void close() {
    JCublas2.cublasDestroy(handle);
    workspace.close();
  }
}
