package dev.evolute.bench.duel;

import java.util.ArrayList;
import java.util.List;

/** Vector operations and the matrix-vector product, which memory limits. */
final class Blas1Bench implements Bench {
  private static final List<String> OPERATIONS = List.of("dot", "axpy", "nrm2", "gemv", "gemvt");
  private static final List<Integer> LENGTHS = List.of(1000, 50_000, 16_000_000);

  @Override
  public String name() {
    return "blas1";
  }

  @Override
  public String title() {
    return "dot, axpy, nrm2 of vectors of so many elements, and matrix-vector products with a"
        + " matrix of so many in 1000 columns";
  }

  @Override
  public String unit() {
    return "GB/s";
  }

  @Override
  public List<Case> cases(boolean quick, List<Integer> threads) {
    List<Case> cases = new ArrayList<>();
    for (int count : threads) {
      for (String dtype : List.of("f32", "f64")) {
        for (int length : LENGTHS) {
          for (String operation : OPERATIONS) {
            // Quick: each operation once in the cache, and once beyond it with all threads.
            boolean beyond = length == 16_000_000 && dtype.equals("f32");
            if (!quick || beyond || (count == 1 && length == 50_000)) {
              cases.add(new Case(dtype, operation + " " + length, count));
            }
          }
        }
      }
    }
    return cases;
  }

  @Override
  public List<Case> warmUp() {
    List<Case> cases = new ArrayList<>();
    for (String dtype : List.of("f32", "f64")) {
      OPERATIONS.forEach(operation -> cases.add(new Case(dtype, operation + " 50000", 1)));
    }
    return cases;
  }

  @Override
  public Entrant ours() {
    return Entrant.java("evolute", "dev.evolute.bench.VectorBenchmark", true);
  }

  @Override
  public List<Entrant> peers() {
    return List.of(
        Peers.openBlas("dev.evolute.bench.OpenBlasVectorBenchmark"),
        Peers.oneMkl("dev.evolute.bench.OneMklVectorBenchmark"));
  }

  @Override
  public Entrant limit() {
    return Entrant.java("memory", "dev.evolute.bench.Bandwidth", true);
  }

  @Override
  public String limitName() {
    return "memory bandwidth";
  }

  @Override
  public String limitKey(Case which) {
    return which.what().split(" ")[0] + " " + Bench.super.limitKey(which);
  }
}
