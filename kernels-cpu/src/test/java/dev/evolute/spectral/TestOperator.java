package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.function.BiConsumer;

/** Symmetric operators whose eigenvalues are known, and a count of their products. */
final class TestOperator implements LinearOperator, AutoCloseable {
  private final Device device;
  private final DType dtype;
  private final int n;
  private final BiConsumer<Buffer, Buffer> product;
  private final Buffer[] owned;
  int products;
  int allocations;

  private TestOperator(
      Device device, DType dtype, int n, BiConsumer<Buffer, Buffer> product, Buffer... owned) {
    this.device = device;
    this.dtype = dtype;
    this.n = n;
    this.product = product;
    this.owned = owned;
  }

  /**
   * {@code A = Q' diag(d) Q}, Q a product of three random reflections: no coordinate is special.
   */
  static TestOperator withSpectrum(Device device, DType dtype, double[] d) {
    return withSpectrum(device, dtype, d, 0);
  }

  /** The same with every reflection turned by about {@code turn}: a step of training later. */
  static TestOperator withSpectrum(Device device, DType dtype, double[] d, double turn) {
    int n = d.length;
    Kernels kernels = device.kernels(dtype);
    Buffer[] owned = new Buffer[5];
    for (int i = 0; i < 3; i++) {
      owned[i] = device.allocate(dtype, n);
      CounterRandom.fillGaussian(99, 3 + i, turn, owned[i]);
      double[] turned = owned[i].toArray();
      CounterRandom.fillGaussian(99, i, 1, owned[i]);
      double[] sum = owned[i].toArray();
      Arrays.setAll(sum, j -> sum[j] + turned[j]);
      owned[i].set(sum);
      kernels.axpby(1 / kernels.nrm2(owned[i]), owned[i], 0, owned[i]);
    }
    Buffer diagonal = owned[3] = device.allocate(dtype, n);
    diagonal.set(d);
    Buffer t = owned[4] = device.allocate(dtype, n);
    return new TestOperator(
        device,
        dtype,
        n,
        (x, y) -> {
          kernels.copy(x, t);
          for (int i = 0; i < 3; i++) {
            kernels.axpby(-2 * kernels.dot(owned[i], t), owned[i], 1, t);
          }
          kernels.mul(diagonal, t, 0, y);
          for (int i = 2; i >= 0; i--) {
            kernels.axpby(-2 * kernels.dot(owned[i], y), owned[i], 1, y);
          }
        },
        owned);
  }

  /**
   * {@code A = S H diag(d) H S} with random signs S and the Walsh-Hadamard matrix H, of a power of
   * two: an eigenvector has the same share in every coordinate. Reflections leave most of d on the
   * diagonal, where random signs have no variance.
   */
  static TestOperator spread(Device device, DType dtype, double[] d) {
    int n = d.length;
    double[] signs = new double[n];
    Arrays.setAll(signs, i -> CounterRandom.uniform(99, 7, i) < 0.5 ? -1 : 1);
    return new TestOperator(
        device,
        dtype,
        n,
        (x, y) -> {
          double[] t = x.toArray();
          Arrays.setAll(t, i -> signs[i] * t[i]);
          hadamard(t);
          Arrays.setAll(t, i -> d[i] * t[i] / n);
          hadamard(t);
          Arrays.setAll(t, i -> signs[i] * t[i]);
          y.set(t);
        });
  }

  private static void hadamard(double[] t) {
    if (Integer.bitCount(t.length) != 1) {
      throw new IllegalArgumentException(t.length + " is no power of two");
    }
    for (int h = 1; h < t.length; h *= 2) {
      for (int i = 0; i < t.length; i++) {
        if ((i & h) == 0) {
          double a = t[i];
          double b = t[i + h];
          t[i] = a + b;
          t[i + h] = a - b;
        }
      }
    }
  }

  /** The eigenvector of {@code d[i]}: {@code Q' e_i}. The caller closes it. */
  Buffer eigenvector(int i) {
    Kernels kernels = device.kernels(dtype);
    Buffer e = device.allocate(dtype, n);
    double[] unit = new double[n];
    unit[i] = 1;
    e.set(unit);
    for (int j = 2; j >= 0; j--) {
      kernels.axpby(-2 * kernels.dot(owned[j], e), owned[j], 1, e);
    }
    return e;
  }

  /** {@code A = diag(d)}: products without rounding beyond one of each entry. */
  static TestOperator diagonal(Device device, DType dtype, double... d) {
    Buffer diagonal = device.allocate(dtype, d.length);
    diagonal.set(d);
    return new TestOperator(
        device, dtype, d.length, (x, y) -> device.kernels(dtype).mul(diagonal, x, 0, y), diagonal);
  }

  /** A dense symmetric matrix, row-major {@code [n x n]}. */
  static TestOperator dense(Device device, DType dtype, int n, double[] a) {
    Buffer buffer = device.allocate(dtype, (long) n * n);
    buffer.set(a);
    Matrix matrix = Matrix.of(buffer, n, n);
    double[] y = new double[n];
    return new TestOperator(
        device,
        dtype,
        n,
        (v, w) -> {
          device.kernels(dtype).dots(matrix, v, y);
          w.set(y);
        },
        buffer);
  }

  /** This operator with the entries {@code bad} of product number {@code at} set to NaN. */
  TestOperator failingAt(int at, int... bad) {
    int before = products;
    return new TestOperator(
        device,
        dtype,
        n,
        (x, y) -> {
          apply(x, y);
          if (products - before == at) {
            double[] values = y.toArray();
            Arrays.stream(bad).forEach(i -> values[i] = Double.NaN);
            y.set(values);
          }
        });
  }

  /** This operator with products of so many binary digits, whatever it says of its noise. */
  TestOperator coarse(int digits) {
    return new TestOperator(
        device,
        dtype,
        n,
        (x, y) -> {
          apply(x, y);
          double[] values = y.toArray();
          Arrays.setAll(
              values,
              i -> {
                double unit = Math.scalb(1, Math.getExponent(values[i]) + 1 - digits);
                return Math.rint(values[i] / unit) * unit;
              });
          y.set(values);
        });
  }

  /** This operator with the last entry of its products from number {@code at} on set to that. */
  TestOperator failingFrom(int at, double bad) {
    TestOperator[] self = new TestOperator[1];
    self[0] =
        new TestOperator(
            device,
            dtype,
            n,
            (x, y) -> {
              apply(x, y);
              if (self[0].products >= at) {
                y.write(n - 1, new double[] {bad}, 0, 1);
              }
            });
    return self[0];
  }

  @Override
  public long size() {
    return n;
  }

  /** This operator on a device that counts what its user allocates. */
  TestOperator countingAllocations() {
    TestOperator[] self = new TestOperator[1];
    self[0] =
        on(
            (proxy, method, arguments) -> {
              self[0].allocations += method.getName().equals("allocate") ? 1 : 0;
              return method.invoke(device, arguments);
            });
    return self[0];
  }

  /** This operator on a device that says that its kernels return before they are done. */
  TestOperator ahead() {
    return on(
        (proxy, method, arguments) ->
            method.getName().equals("runsAhead") ? true : method.invoke(device, arguments));
  }

  private TestOperator on(InvocationHandler calls) {
    Device other =
        (Device)
            Proxy.newProxyInstance(
                Device.class.getClassLoader(), new Class<?>[] {Device.class}, calls);
    return new TestOperator(other, dtype, n, this::apply);
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public void apply(Buffer x, Buffer y) {
    products++;
    product.accept(x, y);
  }

  @Override
  public void close() {
    for (Buffer buffer : owned) {
      buffer.close();
    }
  }
}
