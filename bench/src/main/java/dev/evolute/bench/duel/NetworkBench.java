package dev.evolute.bench.duel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gradients, Hessian-vector products or steps of training of networks, beside PyTorch. */
final class NetworkBench implements Bench {
  /** Small and wide, deep and shallow, with many samples and with few. */
  private static final List<String> DENSE =
      List.of(
          "784-50-50-10 relu cross-entropy n1000",
          "784-512-512-10 tanh cross-entropy n512",
          "3072-2048-2048-1 tanh squared n512",
          "64-64-64-64-10 tanh cross-entropy n256",
          "128-128-128-128-128-128-128-128-128 linear squared n1000",
          "10-4000-10 tanh squared n10",
          "784-1024-10 relu cross-entropy n128");

  /** Convolutions, batch norm, attention over short and long sequences. */
  private static final List<String> BLOCKS =
      List.of(
          "mnist-cnn:tutorial n256",
          "resnet:1:64 n8",
          "decoder:4-8-256-256 n4",
          "decoder:1-8-512-1024 n1",
          "vit-tiny n16");

  /** Ten million parameters, and seventy. */
  private static final List<String> TRAINED = List.of("decoder:6-6-384-256 n4", "decoder-70m n1");

  /** Products that take a tenth of a second are the same story in f64. */
  private static final String LARGE = "3072-2048";

  static final NetworkBench GRADIENT =
      new NetworkBench(
          "gradient",
          "Gradients of fully connected networks without biases: forward and reverse over all n"
              + " samples, compressed on our side where all is linear; PyTorch records its graph in"
              + " each",
          "gradients/s",
          "Gradient",
          DENSE);
  static final NetworkBench HVP =
      new NetworkBench(
          "hvp",
          "Hessian-vector products of fully connected networks without biases at one point;"
              + " samples are compressed on our side where all is linear; PyTorch goes back through"
              + " the retained graph of its gradient",
          "products/s",
          "Hvp",
          DENSE);
  static final NetworkBench BLOCK_GRADIENT =
      new NetworkBench(
          "gradient-blocks",
          "Gradients of convolutional networks and transformers; PyTorch records its graph in each,"
              + " with its fused attention and norms",
          "gradients/s",
          "Gradient",
          BLOCKS);
  static final NetworkBench BLOCK_HVP =
      new NetworkBench(
          "hvp-blocks",
          "Hessian-vector products of convolutional networks and transformers at one point; PyTorch"
              + " goes back through the retained graph of its gradient, without its fused"
              + " attention, which cannot be differentiated twice",
          "products/s",
          "Hvp",
          BLOCKS);
  static final NetworkBench TRAIN =
      new NetworkBench(
          "train",
          "Steps of training of decoder transformers: a gradient and AdamW's update; PyTorch with"
              + " its fused attention and its fused AdamW",
          "tokens/s",
          "Train",
          TRAINED);

  private final String name;
  private final String title;
  private final String unit;
  private final String type;
  private final List<String> networks;

  private NetworkBench(String name, String title, String unit, String type, List<String> networks) {
    this.name = name;
    this.title = title;
    this.unit = unit;
    this.type = type;
    this.networks = networks;
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
    List<String> chosen = quick && networks == TRAINED ? networks.subList(0, 1) : networks;
    List<Case> cases = new ArrayList<>();
    for (int count : quick ? threads.subList(threads.size() - 1, threads.size()) : threads) {
      chosen.forEach(network -> cases.add(new Case("f32", network, count)));
      chosen.stream()
          .filter(network -> !quick && networks != TRAINED && !network.startsWith(LARGE))
          .forEach(network -> cases.add(new Case("f64", network, count)));
    }
    return cases;
  }

  @Override
  public List<Case> warmUp() {
    List<String> small =
        networks == DENSE ? List.of(DENSE.get(0), DENSE.get(3)) : networks.subList(0, 1);
    return small.stream().map(network -> new Case("f32", network, 1)).toList();
  }

  @Override
  public Entrant ours() {
    return Entrant.java("evolute", "dev.evolute.bench." + type + "Benchmark", true);
  }

  @Override
  public List<Entrant> peers() {
    String peer = "dev.evolute.bench.PyTorch" + type + "Benchmark";
    return List.of(
        Peers.pyTorch("pytorch", peer, true, Map.of()),
        Peers.pyTorch("pytorch-1", peer, networks == DENSE, Map.of("OMP_NUM_THREADS", "1")));
  }

  @Override
  public Entrant limit() {
    return Entrant.java("fma", "dev.evolute.bench.NetworkPeak$" + type, true);
  }

  @Override
  public Optional<Entrant> reference() {
    return type.equals(HVP.type)
        ? Optional.of(Entrant.java("gradient", GRADIENT.ours().type(), true))
        : Optional.empty();
  }

  @Override
  public String limitKey(Case which) {
    return which.toString();
  }
}
