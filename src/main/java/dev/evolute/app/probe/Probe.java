package dev.evolute.app.probe;

import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.study.Progress;
import dev.evolute.autodiff.curvature.BlockNorms;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.autodiff.graph.Memory;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.io.ParameterFile;
import dev.evolute.autodiff.io.Safetensors;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Precision;
import dev.evolute.spectral.Confirmation;
import dev.evolute.spectral.Estimate;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.FrobeniusNorm;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.SpectralDensity;
import dev.evolute.spectral.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Looks at the Hessian of a network's loss at one point: both ends of its spectrum, its density,
 * trace and Frobenius norm, and the same by layers.
 */
public final class Probe {
  /** Residual asked for at the ends, relative to the norm of the Hessian or of the block. */
  static final double TOLERANCE = 1e-4;

  static final int DENSITY_PROBES = 10;
  static final int DENSITY_STEPS = 60;

  /** Samples at a time, where there are more. */
  private static final int ROWS = 4096;

  /** Products that the ends of a spectrum take, about; they are bounded by the second. */
  private static final int USUAL_PRODUCTS = 60;

  private static final int MOST_PRODUCTS = 2000;

  /** For the trace and for the Frobenius norm, each: where their errors are still large. */
  static final int ESTIMATE_PRODUCTS = 200;

  /** Bytes of the vectors of each part, but for what a single probe of the density takes. */
  private static final long MOST_BYTES = 1L << 30;

  private final ProbeSettings settings;
  private final Progress progress;

  private Probe(ProbeSettings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Probes, and writes what was asked for.
   *
   * @return what was found, as a few lines for the terminal
   * @throws UserException if something asked for is not there or does not fit
   */
  public static String run(ProbeSettings settings, Progress progress) {
    return new Probe(settings, progress).run();
  }

  private String run() {
    NamedModel.OnImages named = NamedModel.onImages(settings.model());
    Images data = Images.open(settings.data(), settings.dataDir());
    NamedModel model = named.fit(data.name(), data.features(), data.classes()).evaluation();
    int samples = settings.samples() == 0 ? data.count() : settings.samples();
    if (samples < 1 || samples > data.count()) {
      throw new UsageException(
          "--samples: %d given, %s has 1 to %d".formatted(samples, data.name(), data.count()));
    }
    DType dtype = dtype();
    long start = System.nanoTime();
    Findings findings = new Findings(settings, model, data, samples, dtype);
    try (Device device = Device.open(settings.device(), settings.threads())) {
      ChunkPlan plan = ChunkPlan.of(samples, ROWS, model.loss(samples));
      requireMemory(plan, model.network().size(), dtype);
      try (Chunks loss = plan.compile(device, dtype)) {
        NamedModel.load(data.first(samples), samples, loss);
        fill(model, loss);
        measure(findings, loss);
      }
    } catch (Watched.Ended ended) {
      findings.partial = true;
    } catch (ArithmeticException e) {
      throw new UserException(
          "the Hessian of %s cannot be probed there: %s".formatted(model.name(), e.getMessage()));
    }
    findings.seconds = (System.nanoTime() - start) / 1e9;
    progress.finish();
    findings.write();
    return findings.text();
  }

  private DType dtype() {
    if (settings.dtype() != null || settings.weights() == null) {
      return settings.dtype() == null ? DType.F32 : settings.dtype();
    }
    try {
      // Running statistics are in F64 beside parameters in either type.
      boolean exact =
          Safetensors.read(settings.weights()).values().stream()
              .noneMatch(tensor -> tensor.dtype() == DType.F32);
      return exact ? DType.F64 : DType.F32;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private UserException unreadable(IOException e) {
    return new UserException(
        "--weights: the file cannot be read (%s); name a safetensors file"
            .formatted(e.getMessage()),
        e);
  }

  private void fill(NamedModel model, Chunks loss) {
    Path weights = settings.weights();
    if (weights == null) {
      model.start().fill(loss, settings.seed());
      return;
    }
    try {
      ParameterFile.load(weights, loss);
    } catch (IOException e) {
      throw unreadable(e);
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "--weights: they do not fit %s with --precision %s: %s"
              .formatted(
                  model.name(), loss.dtype().name().toLowerCase(Locale.ROOT), e.getMessage()),
          e);
    }
  }

  private static void requireMemory(ChunkPlan plan, long size, DType dtype) {
    long least = plan.bytesRecomputed(dtype) + vectorBytes(size, dtype);
    Memory.require(
        "probe: " + size + " parameters",
        least,
        "take a smaller network or, with f64, --precision f32");
  }

  /**
   * Of the vectors that the most demanding of all parts keeps: the density's probes, together where
   * they fit; Lanczos and the sketches of the estimators take fewer.
   */
  static long vectorBytes(long size, DType dtype) {
    long probe = (DENSITY_STEPS + 3) * size * dtype.bytes();
    return Math.max(probe, Math.min(MOST_BYTES, DENSITY_PROBES * probe));
  }

  /** As people say it. */
  static String duration(double seconds) {
    if (seconds < 1) {
      return String.format(Locale.ROOT, seconds < 0.01 ? "%.1f ms" : "%.0f ms", 1e3 * seconds);
    }
    if (seconds < 90) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }
    double minutes = seconds / 60;
    return minutes < 90
        ? String.format(Locale.ROOT, "%.0f minutes", minutes)
        : String.format(Locale.ROOT, "%.1f hours", minutes / 60);
  }

  private static String memory(long bytes) {
    double mega = bytes / 1e6;
    return mega < 1000
        ? String.format(Locale.ROOT, "%.0f MB", Math.ceil(mega))
        : String.format(Locale.ROOT, "%.1f GB", mega / 1000);
  }

  private void measure(Findings findings, Chunks loss) {
    Point point = Point.of(loss);
    findings.loss = point.loss();
    findings.gradientNorm = loss.kernels().nrm2(point.gradient());
    Map<String, Block> layers = layers(loss.parameters());
    Watched hessian = new Watched(point.hessian(), progress);
    // Each block once; two of its products take no longer than one with the whole.
    int blocks = layers.size() * (layers.size() + 1) / 2 * USUAL_PRODUCTS;
    int products = USUAL_PRODUCTS + DENSITY_PROBES * DENSITY_STEPS + 2 * ESTIMATE_PRODUCTS + blocks;
    double seconds = hessian.secondsPerProduct();
    progress.say(
        String.format(
            Locale.ROOT,
            "about %,d products with the Hessian of %,d parameters, %s each: %s; %s",
            products,
            loss.size(),
            duration(seconds),
            duration(seconds * products),
            memory(loss.bytes() + vectorBytes(loss.size(), loss.dtype()))));
    progress.start("probe", "products", products);
    Lanczos.Options options =
        Lanczos.Options.defaults()
            .withTolerance(TOLERANCE)
            .withMaxProducts(MOST_PRODUCTS)
            .withSeed(settings.seed())
            .withVectors(false);
    if (hessian.noise() > 0) {
      findings.ends = confirmed(loss, hessian, options);
      point = Point.of(loss);
      hessian = new Watched(point.hessian(), progress);
    } else {
      // Without vectors there is nothing in it to be closed.
      findings.ends = Lanczos.extremes(hessian, options);
    }
    progress.add(Math.max(0, USUAL_PRODUCTS - findings.ends.products()));
    findings.density =
        SpectralDensity.of(
            hessian,
            SpectralDensity.Options.defaults()
                .withProbes(DENSITY_PROBES)
                .withSteps(DENSITY_STEPS)
                .withMaxBytes(Math.max(MOST_BYTES, vectorBytes(loss.size(), loss.dtype())))
                .withSeed(settings.seed()));
    Estimate.Options estimates =
        Estimate.Options.defaults()
            .withMaxProducts(ESTIMATE_PRODUCTS)
            .withSeed(settings.seed())
            .withMaxBytes(MOST_BYTES);
    findings.trace = Trace.hutchPlusPlus(hessian, estimates);
    progress.add(ESTIMATE_PRODUCTS - findings.trace.products());
    findings.frobeniusNorm = FrobeniusNorm.of(hessian, estimates);
    progress.add(ESTIMATE_PRODUCTS - findings.frobeniusNorm.products());
    findings.layers = List.copyOf(layers.keySet());
    findings.blocks =
        BlockNorms.of(
            point,
            Curvature.HESSIAN,
            List.copyOf(layers.values()),
            options,
            block -> new Watched(block, progress));
  }

  /** Both ends by cheap products, measured by exact ones. */
  private static Extremes confirmed(Chunks loss, Watched cheap, Lanczos.Options options) {
    Device device = loss.device();
    Precision precision = device.precision();
    try (Extremes found = Lanczos.extremes(cheap, options.withVectors(true))) {
      device.precision(Precision.F32);
      Extremes exact = Confirmation.of(Point.of(loss).hessian(), found, TOLERANCE);
      return new Extremes(
          exact.min().withoutVector(),
          exact.max().withoutVector(),
          exact.products(),
          exact.steps());
    } finally {
      device.precision(precision);
    }
  }

  /**
   * The weights and the bias of each layer, by their names: W1 and b1 are one; of names with dots
   * all that begin alike, as in layer1.mlp.in and stage1.2.expand.scale.
   */
  private static Map<String, Block> layers(List<Value> parameters) {
    Map<String, List<Value>> grouped = new LinkedHashMap<>();
    for (Value p : parameters) {
      String layer =
          p.name().matches("[Wb]\\d+")
              ? p.name().substring(1)
              : p.name().replaceFirst("\\.(?!\\d).*", "");
      grouped.computeIfAbsent(layer, n -> new ArrayList<>()).add(p);
    }
    Map<String, Block> layers = new LinkedHashMap<>();
    grouped.forEach(
        (name, layer) ->
            layers.put(
                layer.size() > 2
                    ? name
                    : String.join("+", layer.stream().map(Value::name).toList()),
                Block.of(layer.toArray(Value[]::new))));
    return layers;
  }
}
