package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the conformance suite on a device and prints how fast it is: what a bare machine with a GPU
 * is asked by the folder that {@link GpuCheckFolder} makes.
 */
public final class GpuCheck {
  private GpuCheck() {}

  /** Prints each failure in a line as it happens. */
  private static final class Failures implements TestExecutionListener {
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      result
          .getThrowable()
          .ifPresent(
              e -> System.out.println("FAILED " + test.getDisplayName() + ": " + firstLine(e)));
    }

    private static String firstLine(Throwable e) {
      return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
    }
  }

  /**
   * @param arguments the device, {@code cuda:0} if there is none; then methods of the suite, all if
   *     there are none. Status 0 where all passed, 1 where something failed, 2 without the device
   */
  public static void main(String[] arguments) {
    String name = arguments.length == 0 ? "cuda:0" : arguments[0];
    System.setProperty(HardwareConformanceTest.DEVICE, name);
    try {
      Device.open(name, 1).close();
    } catch (DeviceUnavailableException | IllegalArgumentException e) {
      System.out.println(e.getMessage());
      System.exit(2);
    }
    boolean software = name.startsWith("cuda:software");
    System.out.println(software ? name : new CudaDeviceProvider().describe());
    List<String> tests =
        List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
    boolean passed = true;
    for (GemmChoice.By by : List.of(GemmChoice.By.OURS, GemmChoice.By.CUBLAS)) {
      passed &= suite(name, by, tests);
    }
    System.clearProperty(GemmChoice.PROPERTY);
    try (Device device = Device.open(name, 1)) {
      KernelTimes times =
          software ? new KernelTimes(device, 64, 4096) : new KernelTimes(device, 4096, 1L << 27);
      times.latency();
      times.arithmetic();
      times.memory();
      times.products();
    }
    System.exit(passed ? 0 : 1);
  }

  /** Whether all passes, or there is no cuBLAS to try. */
  private static boolean suite(String device, GemmChoice.By by, List<String> methods) {
    System.setProperty(GemmChoice.PROPERTY, by.toString());
    try {
      Device.open(device, 1).close();
    } catch (DeviceUnavailableException e) {
      System.out.println(e.getMessage());
      return true;
    }
    System.out.println("products by " + by + ":");
    LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
    if (methods.isEmpty()) {
      request.selectors(DiscoverySelectors.selectClass(HardwareConformanceTest.class));
    }
    for (String method : methods) {
      request.selectors(
          DiscoverySelectors.selectMethod(
              HardwareConformanceTest.class, method, "dev.evolute.kernels.Workspace"));
    }
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request.build(), summary, new Failures());
    TestExecutionSummary found = summary.getSummary();
    System.out.printf(
        "%d tests, %d failed, %.0f s%n",
        found.getTestsFoundCount(),
        found.getTotalFailureCount(),
        1e-3 * (found.getTimeFinished() - found.getTimeStarted()));
    return found.getTestsFoundCount() > 0 && found.getTotalFailureCount() == 0;
  }
}
