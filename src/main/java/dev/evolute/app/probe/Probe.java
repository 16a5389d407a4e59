package dev.evolute.app.probe;

import dev.evolute.app.UserException;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Precision;
import dev.evolute.spectral.Confirmation;
import dev.evolute.spectral.Estimate;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.FrobeniusNorm;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import dev.evolute.spectral.SpectralDensity;
import dev.evolute.spectral.Trace;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Looks at the Hessian of a network's loss at one point: both ends of its spectrum, its density,
 * trace and Frobenius norm, and the same by layers.
 */
public final class Probe {
  /** Residual asked for at the ends, relative to the norm of the Hessian or of the block. */
  static final double TOLERANCE = 1e-4;

  /** Vectors that Lanczos keeps however long they are. */
  private static final int LEAST_BASIS = 24;

  static final int DENSITY_PROBES = 10;
  static final int DENSITY_STEPS = 60;

  /** Products that the ends of a spectrum take, about; they are bounded by the second. */
  static final int USUAL_PRODUCTS = 60;

  static final int MOST_PRODUCTS = 2000;

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
    Subject subject = Subject.of(settings);
    long start = System.nanoTime();
    Findings findings = new Findings(settings, subject);
    SavedRuns saved = null;
    try (Site site = Site.of(settings, progress::say);
        Device device = site.device()) {
      if (settings.out() != null) {
        saved = new SavedRuns(settings.out(), subject.key(site), settings.fresh(), progress::say);
      }
      long size = subject.model().network().size();
      site.requireMemory(subject, vectorBytes(size, subject.dtype(), settings.parts()));
      findings.engine = site.engine();
      try (Objective loss = site.loss(subject, device)) {
        measure(findings, site, loss, new Stages(saved, progress));
      }
    } catch (Progress.Ended ended) {
      findings.partial = true;
    } catch (ArithmeticException e) {
      throw new UserException(
          "the Hessian of %s cannot be probed there: %s"
              .formatted(subject.model().name(), e.getMessage()));
    }
    double before = saved == null ? 0 : saved.secondsBefore();
    findings.seconds = before + (System.nanoTime() - start) / 1e9;
    progress.finish();
    findings.write();
    if (saved != null) {
      saved.end(findings.partial, findings.seconds);
    }
    return findings.text();
  }

  /**
   * Of the vectors that the most demanding of the parts keeps: the density's probes, together where
   * they fit; Lanczos and the sketches of the estimators take fewer.
   */
  static long vectorBytes(long size, DType dtype, Set<Part> parts) {
    if (!parts.contains(Part.DENSITY)) {
      // The basis of Lanczos, which is at least so long, and what it holds beside it.
      return Math.max(MOST_BYTES, (LEAST_BASIS + 3) * size * dtype.bytes());
    }
    long probe = (DENSITY_STEPS + 3) * size * dtype.bytes();
    return Math.max(probe, Math.min(MOST_BYTES, DENSITY_PROBES * probe));
  }

  /** As people say it. */
  static String duration(double seconds) {
    if (seconds < 1e-4) {
      return String.format(Locale.ROOT, "%.0f µs", 1e6 * seconds);
    }
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

  private void measure(Findings findings, Site site, Objective loss, Stages stages) {
    Point point = Point.of(loss);
    findings.loss = point.loss();
    findings.gradientNorm = loss.kernels().nrm2(point.gradient());
    Map<String, Block> layers = Subject.layers(loss.parameters());
    Watched hessian = stages.watch(point.hessian());
    int products = products(layers.size());
    double seconds = hessian.pace().seconds();
    progress.say(
        String.format(
            Locale.ROOT,
            "about %,d products with the Hessian of %,d parameters, %s each: %s; %s",
            products,
            loss.size(),
            duration(seconds),
            duration(seconds * products),
            Numbers.bytes(
                site.bytes(loss) + vectorBytes(loss.size(), loss.dtype(), settings.parts()))));
    site.sayTraffic(loss, products, progress::say);
    progress.start("probe", "products", products);
    Lanczos.Options options =
        Lanczos.Options.defaults()
            .withTolerance(TOLERANCE)
            .withMaxProducts(MOST_PRODUCTS)
            .withSeed(settings.seed())
            .withVectors(false);
    findings.spectrum.ends = endsStage(loss, hessian, options, stages);
    if (hessian.noise() > 0) {
      point = Point.of(loss);
      hessian = stages.watch(point.hessian());
    }
    if (settings.parts().contains(Part.DENSITY)) {
      findings.density = density(hessian, stages);
    }
    if (settings.parts().contains(Part.TRACE)) {
      findings.trace = estimate("trace", hessian, stages, Trace::hutchPlusPlus);
      findings.frobeniusNorm = estimate("frobenius-norm", hessian, stages, FrobeniusNorm::of);
    }
    if (settings.parts().contains(Part.LAYERS)) {
      findings.spectrum.blocks = Blocks.of(point, layers, options, stages);
    }
  }

  private Ends endsStage(Objective loss, Watched hessian, Lanczos.Options options, Stages stages) {
    return stages.take(
        "ends",
        USUAL_PRODUCTS,
        () -> {
          Ends found = ends(loss, hessian, options);
          progress.add(Math.max(0, USUAL_PRODUCTS - found.products()));
          return found;
        },
        Ends::flat,
        Ends::of);
  }

  /** Products of all parts, about. */
  private int products(int layers) {
    int products = USUAL_PRODUCTS;
    if (settings.parts().contains(Part.DENSITY)) {
      products += DENSITY_PROBES * DENSITY_STEPS;
    }
    if (settings.parts().contains(Part.TRACE)) {
      products += 2 * ESTIMATE_PRODUCTS;
    }
    if (settings.parts().contains(Part.LAYERS)) {
      // Each block once; two of its products take no longer than one with the whole.
      products += layers * (layers + 1) / 2 * USUAL_PRODUCTS;
    }
    return products;
  }

  private SpectralDensity density(Watched hessian, Stages stages) {
    long bytes = vectorBytes(hessian.size(), hessian.dtype(), settings.parts());
    SpectralDensity.Options options =
        SpectralDensity.Options.defaults()
            .withProbes(DENSITY_PROBES)
            .withSteps(DENSITY_STEPS)
            .withMaxBytes(Math.max(MOST_BYTES, bytes))
            .withSeed(settings.seed());
    return stages.take(
        "density",
        DENSITY_PROBES * DENSITY_STEPS,
        () -> SpectralDensity.of(hessian, options),
        Flat::of,
        Flat::density);
  }

  private Estimate estimate(
      String name,
      Watched hessian,
      Stages stages,
      BiFunction<LinearOperator, Estimate.Options, Estimate> estimator) {
    Estimate.Options options =
        Estimate.Options.defaults()
            .withMaxProducts(ESTIMATE_PRODUCTS)
            .withSeed(settings.seed())
            .withMaxBytes(MOST_BYTES);
    return stages.take(
        name,
        ESTIMATE_PRODUCTS,
        () -> {
          Estimate found = estimator.apply(hessian, options);
          progress.add(ESTIMATE_PRODUCTS - found.products());
          return found;
        },
        Flat::of,
        Flat::estimate);
  }

  /** Both ends; where products are not f32's, measured by exact ones, which leaves the point. */
  static Ends ends(Objective loss, Watched hessian, Lanczos.Options options) {
    // Without vectors there is nothing in it to be closed.
    return Ends.of(
        hessian.noise() > 0
            ? confirmed(loss, hessian, options)
            : Lanczos.extremes(hessian, options));
  }

  /** Both ends by cheap products, measured by exact ones. */
  private static Extremes confirmed(Objective loss, Watched cheap, Lanczos.Options options) {
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
}
