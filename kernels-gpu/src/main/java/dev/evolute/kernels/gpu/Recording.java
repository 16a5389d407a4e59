package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Precision;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/**
 * Calls that come again, as one CUDA graph. The first run makes them: it compiles kernels and lets
 * scratch grow, neither of which a stream that is being captured allows. The second one records,
 * and from then on a run is one launch. What cannot be recorded is made call by call.
 *
 * <p>Source: CUDA Driver API reference, sections "Stream Management" and "Graph Management".
 */
final class Recording implements Runnable {
  /** Something in the calls needs the device to be done, or memory. */
  static final class Impossible extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    Impossible(String what) {
      super(what);
    }
  }

  private final CudaDevice device;
  private final Runnable calls;
  private boolean hasRun;
  private Precision precision;
  private GemmChoice gemm;
  private Graphs.Held held;
  private CUgraphExec graph;
  private String whyNot;

  Recording(CudaDevice device, Runnable calls) {
    this.device = device;
    this.calls = calls;
  }

  /** Why calls are made one by one, or null. */
  String whyNot() {
    return whyNot;
  }

  @Override
  public void run() {
    device.enter();
    if (device.recording() != null) {
      calls.run();
      return;
    }
    if (precision != device.precision() || gemm != device.gemmChoice()) {
      // Products take other kernels from now on, which may not be compiled yet.
      forget();
    }
    if (graph == null && hasRun && whyNot == null) {
      record();
    }
    if (graph != null) {
      device.launch(graph);
    } else {
      calls.run();
      hasRun = true;
    }
  }

  /** What a check finds in this recording goes to that place. */
  void place(int place) {
    held.place(place);
  }

  private void forget() {
    release();
    graph = null;
    hasRun = false;
    whyNot = null;
    precision = device.precision();
    gemm = device.gemmChoice();
  }

  private void release() {
    if (held != null) {
      device.graphs().release(held);
      held = null;
    }
  }

  private void record() {
    int status =
        JCudaDriver.cuStreamBeginCapture(
            device.stream(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    if (status != 0) {
      whyNot = Cuda.explain(status);
      return;
    }
    CUgraph captured = new CUgraph();
    held = device.graphs().hold(this);
    device.recording(this);
    try {
      calls.run();
    } catch (IllegalStateException | IllegalArgumentException e) {
      // An error of the calls themselves comes again where they are made one by one.
      whyNot = e.getMessage();
    } finally {
      device.recording(null);
      status = JCudaDriver.cuStreamEndCapture(device.stream(), captured);
    }
    if (status == 0) {
      instantiate(captured);
      JCudaDriver.cuGraphDestroy(captured);
    } else if (whyNot == null) {
      whyNot = Cuda.explain(status);
    }
    if (whyNot != null) {
      release();
    }
  }

  private void instantiate(CUgraph captured) {
    if (whyNot != null) {
      return;
    }
    CUgraphExec executable = new CUgraphExec();
    int status = JCudaDriver.cuGraphInstantiate(executable, captured, 0);
    if (status == 0) {
      graph = executable;
      held.graph(executable);
    } else {
      whyNot = Cuda.explain(status);
    }
  }
}
