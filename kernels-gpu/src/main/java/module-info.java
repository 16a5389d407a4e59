// JCuda has no module descriptor; it stays inside this package.
@SuppressWarnings("requires-automatic")
module dev.evolute.kernels.gpu {
  requires dev.evolute.kernels;
  requires jcublas;
  requires jcuda;

  provides dev.evolute.kernels.DeviceProvider with
      dev.evolute.kernels.gpu.CudaDeviceProvider;
}
