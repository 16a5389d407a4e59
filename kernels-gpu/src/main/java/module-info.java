module dev.evolute.kernels.gpu {
  requires dev.evolute.kernels;

  provides dev.evolute.kernels.DeviceProvider with
      dev.evolute.kernels.gpu.CudaDeviceProvider;
}
