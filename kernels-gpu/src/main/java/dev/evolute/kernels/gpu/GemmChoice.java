package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Who makes the products of a device: our kernels, cuBLAS, or by each shape whoever was faster when
 * it first came on this machine. The property {@code evolute.cuda.gemm} says {@code ours}, {@code
 * cublas} or {@code auto}; without it a GPU chooses, and the software GPU, whose times mean
 * nothing, takes ours.
 *
 * <p>A choice changes bits. So it is made before a shape's first product and holds from then on, in
 * this process and, by {@link GemmTable}, in all later ones on this machine; where it could not be
 * kept, ours is taken.
 */
final class GemmChoice implements AutoCloseable {
  static final String PROPERTY = "evolute.cuda.gemm";

  /** Who makes products. */
  enum By {
    OURS,
    CUBLAS,
    AUTO;

    /** What the property says. */
    static By chosen(boolean software) {
      String text = System.getProperty(PROPERTY, software ? "ours" : "auto");
      for (By by : values()) {
        if (by.toString().equals(text)) {
          return by;
        }
      }
      throw new IllegalArgumentException(
          PROPERTY + ": '" + text + "' is nobody who multiplies; give ours, cublas or auto");
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Seconds that some launches take. */
  interface Stopwatch {
    double seconds(Runnable launches);
  }

  /** All that the speed of a product depends on, but for what follows it. */
  private record Shape(
      DType dtype, Precision precision, String stored, int m, int n, int k, int k2, int count) {
    static Shape of(DType dtype, Precision precision, Product p) {
      String stored = (p.a().transposed() ? "t" : "n") + (p.b().transposed() ? "t" : "n");
      Precision asked = dtype == DType.F32 ? precision : Precision.F32;
      return new Shape(dtype, asked, stored, p.m(), p.n(), p.k(), p.k2(), p.count());
    }

    /** A line's beginning in the table. */
    @Override
    public String toString() {
      String numbers =
          dtype == DType.F32 && precision != Precision.F32 ? precision + "" : dtype + "";
      String inner = k2 == 0 ? "" + k : k + "+" + k2;
      String text = numbers + " " + stored + " " + m + "x" + n + "x" + inner + " x" + count;
      return text.toLowerCase(Locale.ROOT);
    }
  }

  /** A launch is faster by so much, or ours is taken: it has the same bits on every GPU. */
  private static final double WORTH = 0.97;

  private static final int ROUNDS = 3;
  private static final double ROUND_SECONDS = 1e-3;
  private static final int MOST_CALLS = 50;

  /** What was chosen in this process, by shape. */
  private static final Map<String, Boolean> MADE = new TreeMap<>();

  private static String libraryUsed;

  private final CudaDevice device;
  private final By by;
  private final Stopwatch stopwatch;
  private final Cache cache;
  private final Runnable library;
  private final Map<Shape, Boolean> known = new HashMap<>();
  private GemmTable table;
  private Cublas cublas;
  private String whyNot;

  /**
   * @param cache where choices are kept
   */
  GemmChoice(CudaDevice device, By by, Stopwatch stopwatch, Cache cache) {
    this(device, by, stopwatch, cache, device.cuda()::cublas);
  }

  /**
   * @param library brings cuBLAS into the process
   */
  GemmChoice(CudaDevice device, By by, Stopwatch stopwatch, Cache cache, Runnable library) {
    this.device = device;
    this.by = by;
    this.stopwatch = stopwatch;
    this.cache = cache;
    this.library = library;
    if (by != By.CUBLAS) {
      use(By.OURS.toString());
    }
  }

  /** Whether cuBLAS makes this product, which is not empty. */
  boolean isCublas(ProductsOnCuda kernels, Product p) {
    if (by == By.OURS || !Cublas.takes(p)) {
      return false;
    }
    if (by == By.CUBLAS) {
      return true;
    }
    Shape shape = Shape.of(kernels.dtype(), device.precision(), p);
    Boolean chosen = known.get(shape);
    if (chosen == null) {
      if (device.recording() != null || !isReady()) {
        return false;
      }
      try {
        chosen = table.choice(shape.toString(), () -> measured(kernels, p));
      } catch (IllegalStateException noMemoryForATrial) {
        chosen = false;
      }
      known.put(shape, chosen);
      use(shape, chosen);
    }
    return chosen;
  }

  /** Whether there is a cuBLAS to choose, which is looked for once. */
  private boolean isReady() {
    if (cublas == null && whyNot == null) {
      try {
        table = GemmTable.of(cache, device, cublas().version());
      } catch (DeviceUnavailableException | IllegalStateException e) {
        whyNot = e.getMessage();
      }
    }
    return whyNot == null;
  }

  /**
   * cuBLAS on this device.
   *
   * @throws DeviceUnavailableException if there is none, in one sentence
   */
  Cublas cublas() {
    if (cublas == null) {
      library.run();
      Cublas started = new Cublas(device);
      try {
        requireRight(started::product);
      } catch (IllegalStateException e) {
        started.close();
        throw e;
      }
      cublas = started;
      use("cuBLAS " + started.version());
    }
    return cublas;
  }

  /** Products of small whole numbers, which are exact in every precision, in each orientation. */
  void requireRight(BiConsumer<ProductsOnCuda, Product> maker) {
    for (DType dtype : DType.values()) {
      for (int stored = 0; stored < 4; stored++) {
        requireRight(maker, dtype, (stored & 1) != 0, (stored & 2) != 0);
      }
    }
  }

  private void requireRight(
      BiConsumer<ProductsOnCuda, Product> maker, DType dtype, boolean leftT, boolean rightT) {
    int m = 3;
    int n = 5;
    int k = 2;
    double[] values = new double[k * (m + n)];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7;
    }
    try (Buffer in = device.allocate(dtype, values.length);
        Buffer out = device.allocate(dtype, (long) m * n)) {
      in.set(values);
      Buffer right = in.view((long) m * k, (long) k * n);
      Matrix a = leftT ? Matrix.of(in, k, m).t() : Matrix.of(in, m, k);
      Matrix b = rightT ? Matrix.of(right, n, k).t() : Matrix.of(right, k, n);
      Matrix c = Matrix.of(out, m, n);
      ProductsOnCuda kernels = (ProductsOnCuda) device.kernels(dtype);
      maker.accept(kernels, new Product(1, 1, a, b, null, null, 0, c, 0, 0, 0, null));
      double[] found = out.toArray();
      for (int i = 0; i < found.length; i++) {
        double wanted = 0;
        for (int l = 0; l < k; l++) {
          int left = leftT ? l * m + i / n : i / n * k + l;
          wanted += values[left] * values[m * k + (rightT ? i % n * k + l : l * n + i % n)];
        }
        if (found[i] != wanted) {
          throw new IllegalStateException(
              "cuBLAS: a product of small whole numbers came out as "
                  + found[i]
                  + " where it is "
                  + wanted
                  + "; leave products to our kernels by -D"
                  + PROPERTY
                  + "=ours");
        }
      }
    }
  }

  /** Times of both in seconds: ours, cuBLAS. The product goes into other memory. */
  private double[] measured(ProductsOnCuda kernels, Product p) {
    long size = (long) p.m() * p.n() * p.count();
    try (Buffer out = device.allocate(kernels.dtype(), size)) {
      Product trial = p.into(Matrix.of(out, p.m(), p.n()));
      ProductTile tile = kernels.tile(trial);
      Runnable[] makers = {
        () -> kernels.product(tile, trial), () -> cublas.product(kernels, trial)
      };
      double[] best = new double[makers.length];
      int[] calls = new int[makers.length];
      for (int i = 0; i < makers.length; i++) {
        makers[i].run();
        best[i] = stopwatch.seconds(makers[i]);
        calls[i] = (int) Math.clamp(ROUND_SECONDS / best[i], 1, MOST_CALLS);
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < makers.length; i++) {
          int some = calls[i];
          Runnable maker = makers[i];
          double seconds = stopwatch.seconds(() -> repeat(some, maker));
          best[i] = Math.min(best[i], seconds / some);
        }
      }
      return best;
    }
  }

  private static void repeat(int times, Runnable run) {
    for (int i = 0; i < times; i++) {
      run.run();
    }
  }

  /** Whether cuBLAS is worth other bits. */
  static boolean isWorth(double ours, double cublas) {
    return cublas < WORTH * ours;
  }

  /**
   * For result files: who made the products of this process, and where that was chosen by shape,
   * how often and by which choices; null where no device was opened.
   */
  static synchronized String summary() {
    if (!MADE.isEmpty()) {
      long taken = MADE.values().stream().filter(isCublas -> isCublas).count();
      List<String> lines = MADE.entrySet().stream().map(Object::toString).toList();
      return String.format(
          "auto: %d of %d shapes by %s, choices %s",
          taken, MADE.size(), libraryUsed, Cache.key(lines).substring(0, 8));
    }
    return libraryUsed;
  }

  private static synchronized void use(String library) {
    libraryUsed = library;
  }

  private static synchronized void use(Shape shape, boolean isCublas) {
    MADE.put(shape.toString(), isCublas);
  }

  @Override
  public void close() {
    if (cublas != null) {
      cublas.close();
    }
  }
}
