package dev.evolute.torch;

import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.Add;
import dev.evolute.autodiff.op.AddPositions;
import dev.evolute.autodiff.op.Attention;
import dev.evolute.autodiff.op.AveragePool;
import dev.evolute.autodiff.op.BatchNorm;
import dev.evolute.autodiff.op.ClassToken;
import dev.evolute.autodiff.op.Convolution;
import dev.evolute.autodiff.op.DropPath;
import dev.evolute.autodiff.op.Embedding;
import dev.evolute.autodiff.op.FirstRows;
import dev.evolute.autodiff.op.MaxPool;
import dev.evolute.autodiff.op.Reshape;
import dev.evolute.autodiff.op.RotaryEmbedding;
import dev.evolute.autodiff.op.RowNorm;
import dev.evolute.autodiff.op.SwiGlu;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.PoolingShape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The blocks of convolutional networks and transformers in PyTorch. Its fused attention cannot be
 * differentiated twice; where that is asked for, attention is made of products and a softmax, as
 * PyTorch does then. Batch norm in evaluation is at mean 0 and variance 1.
 */
final class TorchBlocks {
  private final ScalarType type;

  /** What depends on shapes alone, made once. */
  private final Map<Op, Tensor[]> constants = new HashMap<>();

  TorchBlocks(ScalarType type) {
    this.type = type;
  }

  Tensor apply(Value value, List<Tensor> in, boolean twice) {
    Tensor x = in.get(0);
    Tensor second = in.size() > 1 ? in.get(1) : null;
    Shape shape = value.shape();
    Op op = value.op();
    if (op instanceof Convolution convolution) {
      TensorOptional bias = convolution.bias() ? row(in.get(2)) : new TensorOptional();
      return convolution(convolution.shape(), x, second, bias);
    } else if (op instanceof MaxPool pool) {
      return pool(pool.shape(), x, true);
    } else if (op instanceof AveragePool pool) {
      return pool(pool.shape(), x, false);
    } else if (op instanceof Reshape) {
      return x.reshape(shape.rows(), shape.cols());
    } else if (op instanceof Add) {
      return x.add(second);
    } else if (op instanceof BatchNorm norm) {
      return batchNorm(norm, x, second, in.get(2));
    } else if (op instanceof RowNorm norm) {
      long[] width = {x.size(1)};
      double eps = norm.norm().eps();
      return norm.norm().centred()
          ? torch.layer_norm(x, width, row(second), row(in.get(2)), eps, false)
          : torch.rms_norm(x, width, row(second), new DoubleOptional(eps));
    } else if (op instanceof RotaryEmbedding rotary) {
      return rotary(rotary, x);
    } else if (op instanceof SwiGlu) {
      int h = shape.cols();
      return torch.silu(x.narrow(1, 0, h)).mul(x.narrow(1, h, h));
    } else if (op instanceof Attention attention) {
      return attention(attention, x, twice).reshape(shape.rows(), shape.cols());
    } else if (op instanceof Embedding) {
      return torch.embedding(x, second.reshape(-1).to(ScalarType.Long));
    } else if (op instanceof AddPositions) {
      long b = x.size(0) / second.size(0);
      return x.reshape(b, second.size(0), -1).add(second).reshape(-1, x.size(1));
    } else if (op instanceof ClassToken token) {
      long b = x.size(0) / token.length();
      Tensor tokens = second.reshape(1, 1, -1).expand(b, 1, x.size(1));
      Tensor rest = x.reshape(b, token.length(), -1);
      return torch.cat(new TensorVector(tokens, rest), 1).reshape(-1, x.size(1));
    } else if (op instanceof FirstRows rows) {
      return x.reshape(-1, rows.length(), x.size(1)).narrow(1, 0, 1).reshape(-1, x.size(1));
    } else if (op instanceof DropPath) {
      return x.reshape(second.size(0), -1).mul(second).reshape(shape.rows(), shape.cols());
    }
    throw new AssertionError("no oracle for " + op);
  }

  private static TensorOptional row(Tensor x) {
    return new TensorOptional(x.reshape(-1));
  }

  /** Channels first, as PyTorch has them. */
  private static Tensor images(Tensor x, int n, int h, int w, int c) {
    return x.reshape(n, h, w, c).permute(0, 3, 1, 2);
  }

  private static Tensor pixels(Tensor y) {
    return y.permute(0, 2, 3, 1).reshape(-1, y.size(1));
  }

  /** Our weights {@code [kh kw c x f]} as PyTorch's {@code [f x c x kh x kw]}. */
  static Tensor filters(ConvolutionShape s, Tensor w) {
    return w.reshape(s.kernelHeight(), s.kernelWidth(), s.channels(), s.filters())
        .permute(3, 2, 0, 1);
  }

  /**
   * Whether a convolution is a product of pixels and weights. So it is given to PyTorch, whose
   * double backward of convolutions of one pixel in f32 is wrong where it uses oneDNN: 2.7.1 is off
   * by 70 % in the weights' part.
   */
  static boolean isProduct(ConvolutionShape s) {
    return s.kernelHeight() == 1 && s.kernelWidth() == 1 && s.padding() == 0;
  }

  private static Tensor product(ConvolutionShape s, Tensor x, Tensor w) {
    Tensor pixels = x.reshape(s.batch(), s.height(), s.width(), s.channels());
    for (int dim = 1; dim <= 2 && s.stride() > 1; dim++) {
      pixels = pixels.slice(dim, new LongOptional(), new LongOptional(), s.stride());
    }
    return pixels.reshape(-1, s.channels()).matmul(w);
  }

  private static Tensor convolution(ConvolutionShape s, Tensor x, Tensor w, TensorOptional bias) {
    if (isProduct(s)) {
      Tensor y = product(s, x, w);
      return bias.has_value() ? y.add(bias.get()) : y;
    }
    return pixels(
        torch.conv2d(
            images(x, s.batch(), s.height(), s.width(), s.channels()),
            w.dim() == 4 ? w : filters(s, w),
            bias,
            new long[] {s.stride(), s.stride()},
            new long[] {s.padding(), s.padding()},
            new long[] {s.dilation(), s.dilation()},
            1));
  }

  /** On rows, which is faster differentiated twice than on images, and as fast once. */
  private static Tensor batchNorm(BatchNorm norm, Tensor x, Tensor scale, Tensor bias) {
    if (!norm.training()) {
      double running = 1 / Math.sqrt(1 + norm.epsilon());
      return x.mul(new Scalar(running)).mul(scale).add(bias);
    }
    TensorOptional none = new TensorOptional();
    double eps = norm.epsilon();
    return torch.batch_norm(x, row(scale), row(bias), none, none, true, 0, eps, false);
  }

  private static Tensor pool(PoolingShape s, Tensor x, boolean max) {
    Tensor images = images(x, s.batch(), s.height(), s.width(), s.channels());
    long[] window = {s.windowHeight(), s.windowWidth()};
    long[] stride = {s.stride(), s.stride()};
    long[] padding = {s.padding(), s.padding()};
    return pixels(
        max
            ? torch.max_pool2d(images, window, stride, padding, new long[] {1, 1}, false)
            : torch.avg_pool2d(images, window, stride, padding, false, true, new LongOptional()));
  }

  private Tensor rotary(RotaryEmbedding r, Tensor x) {
    long rows = x.size(0);
    int half = r.width() / 2;
    long sequences = rows / r.length();
    Tensor[] turn = constants.computeIfAbsent(r, key -> turn(r));
    long turned = (long) r.heads() * r.width();
    Tensor heads = x.narrow(1, 0, turned).reshape(sequences, r.length(), r.heads(), r.width());
    Tensor u = heads.narrow(3, 0, half);
    Tensor v = heads.narrow(3, half, half);
    Tensor c = turn[0];
    Tensor s = turn[1];
    Tensor y = torch.cat(new TensorVector(u.mul(c).sub(v.mul(s)), u.mul(s).add(v.mul(c))), 3);
    Tensor rest = x.narrow(1, turned, x.size(1) - turned);
    return torch.cat(new TensorVector(y.reshape(rows, turned), rest), 1);
  }

  /** Cosines and sines {@code [t x 1 x width/2]}. */
  private Tensor[] turn(RotaryEmbedding r) {
    int half = r.width() / 2;
    double[] cos = new double[r.length() * half];
    double[] sin = new double[cos.length];
    for (int i = 0; i < cos.length; i++) {
      double angle = i / half * Math.pow(r.base(), -2.0 * (i % half) / r.width());
      cos[i] = Math.cos(angle);
      sin[i] = Math.sin(angle);
    }
    return new Tensor[] {constant(cos, r.length(), 1, half), constant(sin, r.length(), 1, half)};
  }

  private Tensor attention(Attention a, Tensor x, boolean twice) {
    long t = a.length();
    long b = x.size(0) / t;
    long dim = x.size(1) / (a.heads() + 2 * a.keyHeads());
    long queries = a.heads() * dim;
    long keys = a.keyHeads() * dim;
    long group = a.heads() / a.keyHeads();
    Tensor q = x.narrow(1, 0, queries).reshape(b, t, a.heads(), dim).permute(0, 2, 1, 3);
    Tensor k = shared(x.narrow(1, queries, keys), b, t, a.keyHeads(), group, dim);
    Tensor v = shared(x.narrow(1, queries + keys, keys), b, t, a.keyHeads(), group, dim);
    Tensor o;
    if (twice) {
      Tensor scores = q.mul(new Scalar(1 / Math.sqrt(dim))).matmul(k.transpose(2, 3));
      if (a.causal()) {
        scores = scores.add(constants.computeIfAbsent(a, key -> mask(a.length()))[0]);
      }
      o = scores.softmax(3).matmul(v);
    } else {
      o =
          torch.scaled_dot_product_attention(
              q, k, v, new TensorOptional(), 0, a.causal(), new DoubleOptional(), false);
    }
    return o.permute(0, 2, 1, 3).reshape(b * t, queries);
  }

  private Tensor[] mask(int t) {
    double[] mask = new double[t * t];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % t > i / t ? -1e30 : 0;
    }
    return new Tensor[] {constant(mask, t, t)};
  }

  private Tensor constant(double[] elements, long... shape) {
    return held(Tensor.create(elements, shape).to(type));
  }

  /** What outlives the scope it was made in. */
  static Tensor held(Tensor tensor) {
    tensor.retainReference();
    return tensor;
  }

  /** Keys or values {@code [b x heads x t x dim]}, each for a group of query heads. */
  private static Tensor shared(Tensor x, long b, long t, long heads, long group, long dim) {
    Tensor each = x.reshape(b, t, heads, 1, dim).expand(b, t, heads, group, dim);
    return each.reshape(b, t, heads * group, dim).permute(0, 2, 1, 3);
  }
}
