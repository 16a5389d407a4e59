package dev.evolute.bench.duel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gradients or Hessian-vector products of fully connected networks, beside PyTorch. */
final class NetworkBench implements Bench {
  /** Small and wide, deep and shallow, with many samples and with few. */
  private static final List<String> NETWORKS =
      List.of(
          "784-50-50-10 relu cross-entropy n1000",
          "784-512-512-10 tanh cross-entropy n512",
          "3072-2048-2048-1 tanh squared n512",
          "64-64-64-64-10 tanh cross-entropy n256",
          "128-128-128-128-128-128-128-128-128 linear squared n1000",
          "10-4000-10 tanh squared n10",
          "784-1024-10 relu cross-entropy n128");

  /** Products that take a tenth of a second are the same story in f64. */
  private static final String LARGE = "3072-2048";

  static final NetworkBench GRADIENT =
      new NetworkBench(
          "gradient",
          "Gradients of fully connected networks without biases: forward and reverse over all n"
              + " samples, compressed on our side where all is linear; PyTorch records its graph in"
              + " each",
          "gradients/s",
          "Gradient");
  static final NetworkBench HVP =
      new NetworkBench(
          "hvp",
          "Hessian-vector products of fully connected networks without biases at one point;"
              + " samples are compressed on our side where all is linear; PyTorch goes back through"
              + " the retained graph of its gradient",
          "products/s",
          "Hvp");

  private final String name;
  private final String title;
  private final String unit;
  private final String type;

  private NetworkBench(String name, String title, String unit, String type) {
    this.name = name;
    this.title = title;
    this.unit = unit;
    this.type = type;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public String unit() {
    return unit;
  }

  @Override
  public List<Case> cases(boolean quick, List<Integer> threads) {
    List<Case> cases = new ArrayList<>();
    for (int count : quick ? threads.subList(threads.size() - 1, threads.size()) : threads) {
      NETWORKS.forEach(network -> cases.add(new Case("f32", network, count)));
      NETWORKS.stream()
          .filter(network -> !quick && !network.startsWith(LARGE))
          .forEach(network -> cases.add(new Case("f64", network, count)));
    }
    return cases;
  }

  @Override
  public List<Case> warmUp() {
    return List.of(new Case("f32", NETWORKS.get(0), 1), new Case("f32", NETWORKS.get(3), 1));
  }

  @Override
  public Entrant ours() {
    return Entrant.java("evolute", "dev.evolute.bench." + type + "Benchmark", true);
  }

  @Override
  public List<Entrant> peers() {
    String peer = "dev.evolute.bench.PyTorch" + type + "Benchmark";
    return List.of(
        Peers.pyTorch("pytorch", peer, Map.of()),
        Peers.pyTorch("pytorch-1", peer, Map.of("OMP_NUM_THREADS", "1")));
  }

  @Override
  public Entrant limit() {
    return Entrant.java("fma", "dev.evolute.bench.NetworkPeak$" + type, true);
  }

  @Override
  public Optional<Entrant> reference() {
    return this == HVP
        ? Optional.of(Entrant.java("gradient", GRADIENT.ours().type(), true))
        : Optional.empty();
  }

  @Override
  public String limitName() {
    return "FMA peak";
  }

  @Override
  public String limitKey(Case which) {
    return which.toString();
  }
}
