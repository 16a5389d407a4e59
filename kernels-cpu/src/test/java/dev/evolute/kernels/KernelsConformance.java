package dev.evolute.kernels;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * What every device must do, on random shapes against {@link Naive} double references. A device is
 * tested by a subclass that names it; the facts stand in one interface a kernel family.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class KernelsConformance
    implements BufferFacts,
        GemmFacts,
        FusedProductFacts,
        PrecisionFacts,
        VectorFacts,
        ReductionFacts,
        KrylovFacts,
        RowFacts,
        ActivationFacts,
        SoftmaxFacts,
        ConvolutionFacts,
        PoolingFacts,
        BatchNormFacts,
        LossFacts,
        NormFacts,
        SequenceFacts,
        OptimizerFacts,
        AttentionFacts,
        ErrorFacts,
        RepeatabilityFacts {
  private final List<Workspace> workspaces = new ArrayList<>();
  private final List<Device> devices = new ArrayList<>();

  /** The devices under test: one family, each with another number of threads. */
  protected abstract List<Device> open();

  /** Whether these devices are slow; see {@link Workspace#brief}. */
  protected boolean brief() {
    return false;
  }

  @BeforeAll
  final void openWorkspaces() {
    devices.addAll(open());
    for (Device device : devices) {
      for (DType dtype : DType.values()) {
        workspaces.add(new Workspace(device, dtype, brief()));
      }
    }
  }

  @AfterAll
  final void close() {
    workspaces.forEach(Workspace::free);
    devices.forEach(Device::close);
  }

  @Override
  public final List<Workspace> workspaces() {
    return workspaces;
  }
}
