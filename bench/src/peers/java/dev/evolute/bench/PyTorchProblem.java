package dev.evolute.bench;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.torch.Torch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Param;

/**
 * A network in PyTorch, called from Java. With {@code OMP_NUM_THREADS} set it keeps to so many
 * threads, and takes no case that would not have more: its threads wait for each other so often
 * that fewer may be faster.
 */
public abstract class PyTorchProblem extends NetworkProblem {
  /** The library PyTorch multiplies with, which is chosen when it is loaded, once in a JVM. */
  @Param({"openblas", "mkl"})
  public String blas = System.getenv().getOrDefault("EVOLUTE_PYTORCH_BLAS", "openblas");

  Torch network;

  @Override
  boolean choose(String what) {
    String most = System.getenv("OMP_NUM_THREADS");
    if (most != null && threads <= Integer.parseInt(most)) {
      return false;
    }
    threads = most == null ? threads : Integer.parseInt(most);
    return super.choose(what);
  }

  @Override
  final void prepareNetwork() {
    load();
    torch.set_num_threads(threads);
    // PyTorch's own setting does not reach the BLAS below it: with one thread asked for, that took
    // two.
    openblas.blas_set_num_threads(threads);
    Graph graph = workload.graph();
    network = own(new Torch(graph, values(graph, workload), workload.theta(device), dtype));
    prepareTensors();
  }

  /** Makes what one call reads. */
  abstract void prepareTensors();

  /** What is measured. */
  abstract TensorVector derivative();

  @Override
  double[] result() {
    try (PointerScope scope = new PointerScope()) {
      TensorVector derivative = derivative();
      scope.attach(derivative);
      return network.flat(derivative);
    }
  }

  @Override
  public void call() {
    try (PointerScope scope = new PointerScope()) {
      scope.attach(derivative());
    }
  }

  private void load() {
    System.setProperty("org.bytedeco.openblas.load", blas);
  }

  @Override
  public String describe() {
    load();
    String says = torch.get_parallel_info().getString();
    return "PyTorch "
        + torch.TORCH_VERSION
        + " on "
        + blas
        + "; "
        + says.lines().findFirst().orElse("");
  }
}
