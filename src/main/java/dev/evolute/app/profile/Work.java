package dev.evolute.app.profile;

import dev.evolute.kernels.AttentionShape;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.kernels.Targets;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a call of a kernel has to do at least.
 *
 * @param flops floating-point operations of matrix products, convolutions and attention, two a
 *     multiply-add; 0 for all other kernels, which are bound by memory
 * @param bytes of its operands, each counted once
 * @param shape sizes of its operands, in order
 */
record Work(double flops, double bytes, String shape) {
  /**
   * Products of a head's queries and keys, or of their gradients and tangents, that each kernel of
   * attention cannot do without: its formulas in {@link dev.evolute.kernels.AttentionKernels}, with
   * S formed once more in each derivative.
   */
  private static final Map<String, Integer> ATTENTION =
      Map.of("attention", 2, "attentionVjp", 5, "attentionJvp", 5, "attentionVjpTangent", 12);

  /**
   * Of one call.
   *
   * @param kernel a method of {@link dev.evolute.kernels.Kernels}
   * @param arguments as it takes them
   */
  static Work of(String kernel, Object[] arguments) {
    List<Object> operands = new ArrayList<>();
    for (Object argument : arguments) {
      collect(argument, operands);
    }
    boolean isBatch = kernel.equals("gemmBatch");
    int count = isBatch ? (Integer) arguments[0] : 1;
    Set<Buffer> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    double bytes = 0;
    List<String> shapes = new ArrayList<>();
    for (Object operand : operands) {
      shapes.add(operand instanceof Buffer x ? "[" + x.length() + "]" : operand.toString());
      if (seen.add(buffer(operand))) {
        bytes += bytes(operand);
      }
    }
    if (isBatch) {
      // A step of 0: all products share that operand.
      bytes = 0;
      for (int i = 2; i < arguments.length; i++) {
        if (arguments[i] instanceof Matrix x) {
          bytes += bytes(x) * ((Long) arguments[i + 1] == 0 ? 1 : count);
        }
      }
    }
    String shape = String.join(" ", shapes);
    return new Work(
        flops(kernel, count, operands, arguments[0]), bytes, isBatch ? count + " " + shape : shape);
  }

  private static double flops(String kernel, int count, List<Object> operands, Object first) {
    if (kernel.startsWith("gemm")) {
      double flops = count * product(operands, 0);
      return kernel.equals("gemmPair") ? flops + product(operands, 2) : flops;
    }
    if (first instanceof ConvolutionShape c) {
      double pixels = (double) c.batch() * c.outputHeight() * c.outputWidth();
      return 2 * pixels * c.filters() * c.kernelHeight() * c.kernelWidth() * c.channels();
    }
    if (first instanceof AttentionShape.Values x) {
      AttentionShape s = x.shape();
      return 2.0 * ATTENTION.get(kernel) * s.batch() * s.heads() * pairs(s) * s.dim();
    }
    return 0;
  }

  private static double product(List<Object> operands, int at) {
    Operand a = (Operand) operands.get(at);
    Operand b = (Operand) operands.get(at + 1);
    return 2.0 * a.rows() * a.cols() * b.cols();
  }

  /** Queries with each key that they see. */
  private static double pairs(AttentionShape s) {
    double pairs = 0;
    for (int i = 0; i < s.queries(); i++) {
      pairs += s.causal() ? Math.clamp(i + 1L + s.keys() - s.queries(), 0, s.keys()) : s.keys();
    }
    return pairs;
  }

  /** Buffers and matrices of an argument, those of a record one by one. */
  private static void collect(Object argument, List<Object> operands) {
    if (argument instanceof Buffer || argument instanceof Operand) {
      operands.add(argument);
    } else if (argument instanceof Targets y) {
      collect(y.distributions(), operands);
      collect(y.labels(), operands);
      collect(y.weights(), operands);
    } else if (argument instanceof Record) {
      for (RecordComponent part : argument.getClass().getRecordComponents()) {
        try {
          collect(part.getAccessor().invoke(argument), operands);
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException("profile: " + part + " cannot be read: " + e, e);
        }
      }
    }
  }

  private static Buffer buffer(Object operand) {
    return switch (operand) {
      case Buffer x -> x;
      case Matrix x -> x.buffer();
      case PackedMatrix x -> x.source().buffer();
      default -> throw new IllegalArgumentException("profile: no operand: " + operand);
    };
  }

  private static double bytes(Object operand) {
    if (operand instanceof Buffer x) {
      return (double) x.length() * x.dtype().bytes();
    }
    Operand x = (Operand) operand;
    return (double) x.rows() * x.cols() * buffer(operand).dtype().bytes();
  }
}
