// EJML has no module descriptors; it stays behind SymmetricEigen and DenseSvd of
// dev.evolute.spectral.
@SuppressWarnings("requires-automatic")
module dev.evolute.kernels {
  requires ejml.core;
  requires ejml.ddense;
  requires jdk.incubator.vector;
  requires static jdk.management;

  exports dev.evolute.kernels;
  exports dev.evolute.spectral;

  uses dev.evolute.kernels.DeviceProvider;

  provides dev.evolute.kernels.DeviceProvider with
      dev.evolute.kernels.cpu.CpuDeviceProvider;
}
