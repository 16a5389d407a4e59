package dev.evolute.app.probe;

import dev.evolute.app.UserException;
import dev.evolute.app.profile.Roofline;
import dev.evolute.app.profile.TimedDevice;
import dev.evolute.app.study.Progress;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Lanczos;
import java.util.Map;

/**
 * How fast a network's gradients and Hessian-vector products are on a device, and where their time
 * goes: the norms of the Hessian first, then kernel by kernel beside what the device could do.
 */
public final class Profile {
  static final String GRADIENT = "gradient";
  static final String PRODUCT = "Hessian-vector product";

  /** Passes of each kind that are recorded, unless they take longer than that. */
  private static final int PASSES = 20;

  private static final double SECONDS = 2;

  /** Compiled code is asked for: as many passes come first, or as many as that time allows. */
  private static final int WARMUP = 2000;

  private final ProbeSettings settings;
  private final Progress progress;

  private Profile(ProbeSettings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Profiles, and writes what was asked for.
   *
   * @return what was found, as a few lines for the terminal
   * @throws UserException if something asked for is not there or does not fit
   */
  public static String run(ProbeSettings settings, Progress progress) {
    return new Profile(settings, progress).run();
  }

  private String run() {
    Subject subject = Subject.of(settings);
    long start = System.nanoTime();
    ProfileFindings findings = new ProfileFindings(settings, subject);
    Device device = Device.open(settings.device(), settings.threads());
    try (TimedDevice timed = new TimedDevice(device)) {
      findings.roofline = Roofline.of(device, subject.dtype());
      try (Chunks loss = subject.on(device)) {
        curvature(findings, loss);
      }
      try (Chunks loss = subject.on(timed)) {
        kernels(findings, timed, loss);
      }
    } catch (Progress.Ended ended) {
      findings.partial = true;
    } catch (ArithmeticException e) {
      throw new UserException(
          "the Hessian of %s cannot be profiled there: %s"
              .formatted(subject.model().name(), e.getMessage()));
    }
    findings.seconds = (System.nanoTime() - start) / 1e9;
    progress.finish();
    findings.write();
    return findings.text();
  }

  /** Speed of passes as they are usually run, and the norms. */
  private void curvature(ProfileFindings findings, Chunks loss) {
    Point point = Point.of(loss);
    findings.loss = point.loss();
    // Speed is measured anew each time: nothing is kept.
    Stages stages = new Stages(null, progress);
    Watched hessian = stages.watch(point.hessian());
    Map<String, Block> layers = Subject.layers(loss.parameters());
    int blocks = layers.size() * (layers.size() + 1) / 2 * Probe.USUAL_PRODUCTS;
    progress.start("profile", "products", Probe.USUAL_PRODUCTS + blocks);
    Lanczos.Options options =
        Lanczos.Options.defaults()
            .withTolerance(Probe.TOLERANCE)
            .withMaxProducts(Probe.MOST_PRODUCTS)
            .withSeed(settings.seed())
            .withVectors(false);
    findings.spectrum.ends = Probe.ends(loss, hessian, options);
    if (hessian.noise() > 0) {
      point = Point.of(loss);
    }
    progress.add(Math.max(0, Probe.USUAL_PRODUCTS - findings.spectrum.ends.products()));
    findings.spectrum.blocks = Blocks.of(point, layers, options, stages);
    progress.finish();
    // All is compiled by now. The gradient comes last, because it leaves the point.
    findings.product = stages.watch(point.hessian()).pace();
    findings.gradient = Pace.of(loss.device(), progress::requireGoingOn, loss::gradientPass);
  }

  /** The same passes with every kernel timed. */
  private void kernels(ProfileFindings findings, TimedDevice timed, Chunks loss) {
    findings.timeline = timed.timeline();
    timed.kernels(loss.dtype()).fill(1, loss.tangent());
    long start = System.nanoTime();
    for (int i = 0; i < WARMUP && (i == 0 || seconds(start) < SECONDS); i++) {
      progress.requireGoingOn();
      loss.keep();
      loss.hessianPass();
    }
    start = System.nanoTime();
    for (int i = 0; i < PASSES && (i == 0 || seconds(start) < SECONDS); i++) {
      progress.requireGoingOn();
      timed.timeline().phase(GRADIENT, loss::gradientPass);
      loss.keep();
      timed.timeline().phase(PRODUCT, loss::hessianPass);
    }
  }

  private static double seconds(long start) {
    return 1e-9 * (System.nanoTime() - start);
  }
}
