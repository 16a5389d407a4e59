package dev.evolute.bench.duel;

import java.util.ArrayList;
import java.util.List;

/** Matrix products of all sizes and forms. */
final class GemmBench implements Bench {
  private static final List<String> QUICK =
      List.of(
          "16x16x16 nn",
          "64x64x64 nn",
          "256x256x256 nn",
          "1024x1024x1024 nn",
          "1000x50x784 nn",
          "784x50x1000 tn",
          "1000x784x50 nt",
          "127x63x255 nn",
          "64*128x128x64 nn");

  private static final List<String> FULL =
      List.of(
          "16x16x16 nn",
          "32x32x32 nn",
          "64x64x64 nn",
          "96x96x96 nn",
          "128x128x128 nn",
          "256x256x256 nn",
          "512x512x512 nn",
          "1024x1024x1024 nn",
          "2048x2048x2048 nn",
          "1000x50x784 nn",
          "784x50x1000 tn",
          "1000x784x50 nt",
          "512x2048x2048 nn",
          "10x10x4000 nn",
          "10x4000x10 nn",
          "10x4000x200 nt",
          "1024x1536x512 nn",
          "2048x512x2048 nn",
          "127x63x255 nn",
          "1023x511x257 nn",
          "64*128x128x64 nn",
          "64*128x64x128 nn");

  @Override
  public String name() {
    return "gemm";
  }

  @Override
  public String title() {
    return "Matrix products C = op(A) op(B), as m x n x k, with n or t for A and for B";
  }

  @Override
  public String unit() {
    return "GFLOP/s";
  }

  @Override
  public List<Case> cases(boolean quick, List<Integer> threads) {
    List<Case> cases = new ArrayList<>();
    for (int count : threads) {
      for (String dtype : List.of("f32", "f64")) {
        (quick ? QUICK : FULL).forEach(shape -> cases.add(new Case(dtype, shape, count)));
      }
    }
    return cases;
  }

  @Override
  public List<Case> warmUp() {
    return List.of(
        new Case("f32", "256x256x256 nn", 1),
        new Case("f64", "256x256x256 nn", 1),
        new Case("f32", "64x64x64 nn", 1),
        new Case("f64", "64x64x64 nn", 1));
  }

  @Override
  public Entrant ours() {
    return Entrant.java("evolute", "dev.evolute.bench.GemmBenchmark", true);
  }

  @Override
  public List<Entrant> peers() {
    return List.of(
        Peers.openBlas("dev.evolute.bench.OpenBlasGemmBenchmark"),
        Peers.oneMkl("dev.evolute.bench.OneMklGemmBenchmark"),
        Entrant.java("vectorblas", "dev.evolute.bench.VectorBlasGemmBenchmark", false),
        Entrant.java("ejml", "dev.evolute.bench.EjmlGemmBenchmark", false));
  }

  @Override
  public Entrant limit() {
    return Entrant.java("fma", "dev.evolute.bench.FmaPeak", true);
  }
}
