package dev.evolute.app.study.rsc;

import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.StudyResult;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Sets of samples on which the RSC and the NTK condition part. */
final class ConditionsApart {
  private final Protocol protocol;
  private final TrainingSet data;
  private final List<KernelEnds.Case> cases = new ArrayList<>();

  ConditionsApart(Protocol protocol, TrainingSet data) {
    this.protocol = protocol;
    this.data = data;
  }

  /** Looks at sets of samples on which the two conditions part. */
  void measure(Device device) {
    Network network =
        Network.tanh(
            Parametrisation.SCALED, data.inputs(), protocol.boundWidths().get(0), protocol.depth());
    long seed = protocol.seed();
    try (Buffer theta = network.start(device, DType.F64, seed + 1, Protocol.SIGMA1);
        SampleDerivatives samples =
            new SampleDerivatives(network, data.samples(), device, DType.F64)) {
      cases.add(KernelEnds.measure("as they are", data, theta, samples, seed));
      cases.add(KernelEnds.measure("two equal", KernelEnds.repeated(data), theta, samples, seed));
      cases.add(
          KernelEnds.measure(
              "every second negated", KernelEnds.negated(data), theta, samples, seed));
      cases.add(KernelEnds.measure("pairs x, −x", KernelEnds.opposite(data), theta, samples, seed));
    }
  }

  /** What the sets show, as metrics, claims and a paragraph. */
  void write(StudyResult.Builder result) {
    for (KernelEnds.Case c : cases) {
      result.metric("kernel, " + c.name() + ", lambdaMin/n", c.min() / c.samples());
      result.metric("kernel, " + c.name() + ", gbar^2", c.gbarSquare());
    }
    if (cases.size() == 4) {
      KernelEnds.Case plain = cases.get(0);
      KernelEnds.Case negated = cases.get(2);
      KernelEnds.Case opposite = cases.get(3);
      ClaimCheck parted =
          new ClaimCheck(
              "‖ḡ‖² collapses while the kernel keeps its spectrum: every second sample negated",
              "001, remark 5.6");
      double zero = AlongTraining.SINGULAR * plain.max();
      parted.check(plain.min() > zero && Math.abs(negated.min() - plain.min()) < zero);
      parted.check(plain.gbarSquare(), 10 * negated.gbarSquare());
      result.claim(parted.note("tanh is odd, so f(−x) = −f(x) and ∇f(−x) = −∇f(x).").claim());
      ClaimCheck vanishes = new ClaimCheck("ḡ = 0 for pairs x, −x: RSC fails", "001, remark 5.6");
      vanishes.check(opposite.gbarSquare() <= 1e-20 * opposite.max());
      result.claim(
          vanishes
              .note(
                  "Then K·1 = 0, so the NTK condition fails too: λmin(K)/n ≤ ‖ḡ‖² leaves no set on which"
                      + " RSC fails exactly and NTK holds.")
              .claim());
      result.prose(
          String.format(
              Locale.ROOT,
              "Where NTK and RSC part, at the initialisation, width %d, %d samples: ‖ḡ‖² = %.3g and"
                  + " λmin(K)/n = %.2g on the samples as they are; %.3g and %.2g with two of them equal;"
                  + " %.3g and %.2g with every second one negated; %.1g and %.1g for pairs x, −x.",
              protocol.boundWidths().get(0),
              plain.samples(),
              plain.gbarSquare(),
              plain.min() / plain.samples(),
              cases.get(1).gbarSquare(),
              cases.get(1).min() / plain.samples(),
              negated.gbarSquare(),
              negated.min() / plain.samples(),
              opposite.gbarSquare(),
              opposite.min() / plain.samples()));
    }
  }
}
