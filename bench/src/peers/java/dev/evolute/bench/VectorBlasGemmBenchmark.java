package dev.evolute.bench;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures {@code sgemm} and {@code dgemm} of netlib's VectorBLAS, the other library on the Java
 * Vector API.
 *
 * <p>Against: {@link GemmBenchmark#plain} on the same shapes.
 *
 * <p>What would fool it: it has one thread, whatever is asked for; it works on heap arrays, so the
 * operands are copies; it is column-major, so the product is taken as {@code C' = B' A'}.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class VectorBlasGemmBenchmark extends GemmProblem {
  private final JavaBLAS blas = JavaBLAS.getInstance();
  private float[] aFloats;
  private float[] bFloats;
  private float[] cFloats;
  private double[] aDoubles;
  private double[] bDoubles;
  private double[] cDoubles;

  @Override
  public String describe() {
    return "netlib 3.2.0, " + blas.getClass().getSimpleName() + ", one thread, on the heap";
  }

  @Override
  void prepareProduct() {
    if (dtype == DType.F32) {
      aFloats = floats(aMemory);
      bFloats = floats(bMemory);
      cFloats = floats(cMemory);
    } else {
      aDoubles = aMemory.toArray();
      bDoubles = bMemory.toArray();
      cDoubles = cMemory.toArray();
    }
  }

  static float[] floats(Buffer buffer) {
    double[] values = buffer.toArray();
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @Override
  double[] result() {
    return dtype == DType.F64
        ? cDoubles
        : IntStream.range(0, cFloats.length).mapToDouble(i -> cFloats[i]).toArray();
  }

  @Override
  void product() {
    String opA = transposeA ? "T" : "N";
    String opB = transposeB ? "T" : "N";
    int lda = transposeA ? m : k;
    int ldb = transposeB ? k : n;
    for (int i = 0; i < batch; i++) {
      int a = i * m * k;
      int b = i * k * n;
      int c = i * m * n;
      if (dtype == DType.F32) {
        blas.sgemm(opB, opA, n, m, k, 1, bFloats, b, ldb, aFloats, a, lda, 0, cFloats, c, n);
      } else {
        blas.dgemm(opB, opA, n, m, k, 1, bDoubles, b, ldb, aDoubles, a, lda, 0, cDoubles, c, n);
      }
    }
  }

  @Benchmark
  public void plain(Work work) {
    product();
    work.add(this);
  }
}
