package examples;

import dev.evolute.kernels.*;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A product on arrays of one's own, where they stand. */
public class OwnMemory {
  public static void main(String[] arguments) {
    float[] a = {1, 2, 3, 4, 5, 6}; // [2 x 3]
    float[] b = {1, 0, 0, 1, 1, 1}; // [3 x 2]
    float[] c = new float[4]; // [2 x 2]
    try (Device cpu = Device.open("cpu", 2)) {
      Matrix left = Matrix.of(cpu.wrap(DType.F32, MemorySegment.ofArray(a)), 2, 3);
      Matrix right = Matrix.of(cpu.wrap(DType.F32, MemorySegment.ofArray(b)), 3, 2);
      Matrix product = Matrix.of(cpu.wrap(DType.F32, MemorySegment.ofArray(c)), 2, 2);
      cpu.kernels(DType.F32).gemm(1, left, right, 0, product); // C = 1 A B + 0 C
    }
    System.out.println(Arrays.toString(c));
  }
}
