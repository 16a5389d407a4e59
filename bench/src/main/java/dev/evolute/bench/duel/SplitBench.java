package dev.evolute.bench.duel;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Products of f32 matrices as products of BF16 on a matrix unit, beside sgemm. */
final class SplitBench implements Bench {
  private static final List<String> QUICK =
      List.of("256x256x256 nn", "1024x1024x1024 nn", "512x2048x2048 nn");

  /** Squares, and the products of networks all of whose sides are 256 or more. */
  private static final List<String> FULL =
      List.of(
          "256x256x256 nn",
          "512x512x512 nn",
          "1024x1024x1024 nn",
          "2048x2048x2048 nn",
          "4096x4096x4096 nn",
          "512x2048x2048 nn",
          "1024x1536x512 nn",
          "2048x512x2048 nn",
          "512x2048x2048 nt",
          "2048x2048x512 tn");

  private static final List<String> PRECISIONS = List.of("F32_SPLIT6", "F32_SPLIT3", "BF16");

  @Override
  public String name() {
    return "split";
  }

  @Override
  public String title() {
    return "Matrix products of f32 on a matrix unit for BF16, in six, three and one product, beside"
        + " f32's own of the peers, and as many of oneMKL's products of BF16";
  }

  @Override
  public String unit() {
    return "GFLOP/s";
  }

  /** What this process lacks for any device says nothing: contenders run in JVMs of their own. */
  @Override
  public Optional<String> trouble() {
    return lacking(name());
  }

  static Optional<String> lacking(String bench) {
    return refusal("cpu:bf16x6")
        .filter(sentence -> !refusal("cpu").equals(Optional.of(sentence)))
        .map(sentence -> "bench " + bench + ": nothing to measure here: " + sentence);
  }

  private static Optional<String> refusal(String device) {
    try {
      Device.open(device, 1).close();
      return Optional.empty();
    } catch (DeviceUnavailableException e) {
      return Optional.of(e.getMessage());
    }
  }

  @Override
  public List<Case> cases(boolean quick, List<Integer> threads) {
    List<Case> cases = new ArrayList<>();
    for (int count : threads) {
      for (String precision : PRECISIONS) {
        for (String shape : quick ? QUICK : FULL) {
          cases.add(new Case("f32", precision + " " + shape, count));
        }
      }
    }
    return cases;
  }

  @Override
  public List<Case> warmUp() {
    return List.of(new Case("f32", "F32_SPLIT6 256x256x256 nn", 1));
  }

  @Override
  public Entrant ours() {
    return Entrant.java("evolute", "dev.evolute.bench.GemmBenchmark", true);
  }

  @Override
  public List<Entrant> peers() {
    return List.of(
        Peers.openBlas("dev.evolute.bench.OpenBlasGemmBenchmark"),
        Peers.oneMkl("dev.evolute.bench.OneMklGemmBenchmark"));
  }

  /** No peer of sgemm's: its operands are in parts already, and what they sum up to is not f32. */
  @Override
  public Optional<Entrant> reference() {
    return Optional.of(Peers.oneMklBf16("dev.evolute.bench.OneMklBf16Gemm"))
        .filter(Entrant::present);
  }
}
