// Convolution and pooling of images, pixel by pixel with their channels together (NHWC); formulas and letters are those of
// ImageKernels. Each element of a result has a thread, which gathers what belongs to it, so that sums have one order and
// nothing is added from two sides. Direct sums: bound by loads from caches.
#include "evolute.cuh"

/// The sizes of a convolution or pooling, 8 bytes each, as the host writes them: the last
/// argument. Pooling has filters = channels.
struct Images {
  i64 batch, height, width, channels, filters, outHeight, outWidth, kernelHeight, kernelWidth, stride, padding,
      dilation;

  /// The place in the input of a tap of an output's window, along one axis.
  DEV i64 in(i64 out, i64 tap) const { return out * stride - padding + tap * dilation; }
  /// The output whose tap lies on an input pixel, along one axis, or -1.
  DEV i64 out(i64 in, i64 tap, i64 count) const {
    i64 at = in + padding - tap * dilation;
    return at >= 0 && at % stride == 0 && at / stride < count ? at / stride : -1;
  }
  DEV i64 pixel(i64 image, i64 y, i64 x) const { return (image * height + y) * width + x; }
  DEV i64 window(i64 image, i64 y, i64 x) const { return (image * outHeight + y) * outWidth + x; }
};

/// y = alpha conv(x, w) + bias + beta y; x is [n h w c], w [kh kw c f], y [n h' w' f]. With alpha = 0 nothing is read.
extern "C" __global__ void __launch_bounds__(THREADS)
    convolution(Real alpha, const Real* x, const Real* w, const Real* bias, Real beta, Real* y, Images s) {
  i64 count = s.batch * s.outHeight * s.outWidth * s.filters;
  for (i64 e = firstElement(); e < count; e += allThreads()) {
    i64 f = e % s.filters, place = e / s.filters;
    i64 ox = place % s.outWidth, oy = place / s.outWidth % s.outHeight, image = place / s.outWidth / s.outHeight;
    Real sum = 0;
    for (i64 ky = 0; alpha != 0 && ky < s.kernelHeight; ky++) {
      i64 iy = s.in(oy, ky);
      for (i64 kx = 0; iy >= 0 && iy < s.height && kx < s.kernelWidth; kx++) {
        i64 ix = s.in(ox, kx);
        if (ix < 0 || ix >= s.width) continue;
        const Real* xs = x + s.pixel(image, iy, ix) * s.channels;
        const Real* ws = w + (ky * s.kernelWidth + kx) * s.channels * s.filters + f;
        for (i64 c = 0; c < s.channels; c++) sum = madd(xs[c], ws[c * s.filters], sum);
      }
    }
    Real v = alpha * sum;
    if (bias) v = v + bias[f];
    y[e] = plusKept(v, beta, y, e);
  }
}

/// dx = alpha conv_x(dy, w) + beta dx
extern "C" __global__ void __launch_bounds__(THREADS, 1)
    convolutionInput(Real alpha, const Real* dy, const Real* w, Real beta, Real* dx, Images s) {
  i64 count = s.batch * s.height * s.width * s.channels;
  for (i64 e = firstElement(); e < count; e += allThreads()) {
    i64 c = e % s.channels, place = e / s.channels;
    i64 ix = place % s.width, iy = place / s.width % s.height, image = place / s.width / s.height;
    Real sum = 0;
    for (i64 ky = 0; alpha != 0 && ky < s.kernelHeight; ky++) {
      i64 oy = s.out(iy, ky, s.outHeight);
      for (i64 kx = 0; oy >= 0 && kx < s.kernelWidth; kx++) {
        i64 ox = s.out(ix, kx, s.outWidth);
        if (ox < 0) continue;
        const Real* ds = dy + s.window(image, oy, ox) * s.filters;
        const Real* ws = w + ((ky * s.kernelWidth + kx) * s.channels + c) * s.filters;
        for (i64 f = 0; f < s.filters; f++) sum = madd(ds[f], ws[f], sum);
      }
    }
    dx[e] = plusKept(alpha * sum, beta, dx, e);
  }
}

/// dw = alpha conv_w(x, dy) + beta dw
extern "C" __global__ void __launch_bounds__(THREADS)
    convolutionWeights(Real alpha, const Real* x, const Real* dy, Real beta, Real* dw, Images s) {
  i64 count = s.kernelHeight * s.kernelWidth * s.channels * s.filters;
  for (i64 e = firstElement(); e < count; e += allThreads()) {
    i64 f = e % s.filters, rest = e / s.filters;
    i64 c = rest % s.channels, kx = rest / s.channels % s.kernelWidth, ky = rest / s.channels / s.kernelWidth;
    Real sum = 0;
    for (i64 image = 0; alpha != 0 && image < s.batch; image++) {
      for (i64 oy = 0; oy < s.outHeight; oy++) {
        i64 iy = s.in(oy, ky);
        if (iy < 0 || iy >= s.height) continue;
        for (i64 ox = 0; ox < s.outWidth; ox++) {
          i64 ix = s.in(ox, kx);
          if (ix < 0 || ix >= s.width) continue;
          sum = madd(x[s.pixel(image, iy, ix) * s.channels + c], dy[s.window(image, oy, ox) * s.filters + f], sum);
        }
      }
    }
    dw[e] = plusKept(alpha * sum, beta, dw, e);
  }
}

/// y = the maximum of each window and channel, taps its place in the window: of equal ones the first, or the first NaN.
extern "C" __global__ void __launch_bounds__(THREADS) maxPool(const Real* x, Real* y, Real* taps, Images s) {
  i64 count = s.batch * s.outHeight * s.outWidth * s.channels;
  for (i64 e = firstElement(); e < count; e += allThreads()) {
    i64 c = e % s.channels, place = e / s.channels;
    i64 ox = place % s.outWidth, oy = place / s.outWidth % s.outHeight, image = place / s.outWidth / s.outHeight;
    i64 tap = -1;
    Real best = 0;
    for (i64 ky = 0; ky < s.kernelHeight; ky++) {
      i64 iy = s.in(oy, ky);
      for (i64 kx = 0; iy >= 0 && iy < s.height && kx < s.kernelWidth; kx++) {
        i64 ix = s.in(ox, kx);
        if (ix < 0 || ix >= s.width) continue;
        Real v = x[s.pixel(image, iy, ix) * s.channels + c];
        if (tap < 0 || v > best || (v != v && best == best)) {
          best = v;
          tap = ky * s.kernelWidth + kx;
        }
      }
    }
    y[e] = best;
    taps[e] = (Real)tap;
  }
}

/// y = alpha times the sum of each window (or, with taps, of what its tap names) + beta y
extern "C" __global__ void __launch_bounds__(THREADS)
    poolOutputs(Real alpha, const Real* x, const Real* taps, Real beta, Real* y, Images s) {
  i64 count = s.batch * s.outHeight * s.outWidth * s.channels;
  for (i64 e = firstElement(); e < count; e += allThreads()) {
    i64 c = e % s.channels, place = e / s.channels;
    i64 ox = place % s.outWidth, oy = place / s.outWidth % s.outHeight, image = place / s.outWidth / s.outHeight;
    Real sum = 0;
    for (i64 ky = 0; ky < s.kernelHeight; ky++) {
      i64 iy = s.in(oy, ky);
      for (i64 kx = 0; iy >= 0 && iy < s.height && kx < s.kernelWidth; kx++) {
        i64 ix = s.in(ox, kx);
        if (ix < 0 || ix >= s.width || (taps && taps[e] != (Real)(ky * s.kernelWidth + kx))) continue;
        sum = sum + x[s.pixel(image, iy, ix) * s.channels + c];
      }
    }
    y[e] = plusKept(alpha * sum, beta, y, e);
  }
}

/// dx = alpha times the sum of dy over the windows that hold a pixel (or, with taps, whose tap names it) + beta dx
extern "C" __global__ void __launch_bounds__(THREADS)
    poolInputs(Real alpha, const Real* dy, const Real* taps, Real beta, Real* dx, Images s) {
  i64 count = s.batch * s.height * s.width * s.channels;
  for (i64 e = firstElement(); e < count; e += allThreads()) {
    i64 c = e % s.channels, place = e / s.channels;
    i64 ix = place % s.width, iy = place / s.width % s.height, image = place / s.width / s.height;
    Real sum = 0;
    for (i64 ky = s.kernelHeight - 1; ky >= 0; ky--) {
      i64 oy = s.out(iy, ky, s.outHeight);
      for (i64 kx = s.kernelWidth - 1; oy >= 0 && kx >= 0; kx--) {
        i64 ox = s.out(ix, kx, s.outWidth);
        if (ox < 0) continue;
        i64 at = s.window(image, oy, ox) * s.channels + c;
        if (!taps || taps[at] == (Real)(ky * s.kernelWidth + kx)) sum = sum + dy[at];
      }
    }
    dx[e] = plusKept(alpha * sum, beta, dx, e);
  }
}
