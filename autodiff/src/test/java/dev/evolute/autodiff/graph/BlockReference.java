package dev.evolute.autodiff.graph;

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
import java.util.List;

/** The blocks of convolutional networks and transformers by plain loops in double. */
final class BlockReference {
  private final Value value;
  private final List<double[]> in;
  private final double[] y;

  /**
   * Smallest difference of the two largest elements of a window, and of a channel from constant.
   */
  double margin = Double.POSITIVE_INFINITY;

  BlockReference(Value value, List<double[]> in) {
    this.value = value;
    this.in = in;
    this.y = new double[(int) value.shape().size()];
  }

  private Shape shape(int i) {
    return value.inputs().get(i).shape();
  }

  double[] evaluate() {
    double[] x = in.get(0);
    int cols = value.shape().cols();
    Op op = value.op();
    if (op instanceof Convolution convolution) {
      convolution(convolution.shape(), convolution.bias() ? in.get(2) : null);
    } else if (op instanceof MaxPool pool) {
      pool(pool.shape(), true);
    } else if (op instanceof AveragePool pool) {
      pool(pool.shape(), false);
    } else if (op instanceof Reshape) {
      System.arraycopy(x, 0, y, 0, y.length);
    } else if (op instanceof Add) {
      for (int i = 0; i < y.length; i++) {
        y[i] = x[i] + in.get(1)[i];
      }
    } else if (op instanceof BatchNorm norm) {
      batchNorm(norm);
    } else if (op instanceof RowNorm norm) {
      rowNorm(norm);
    } else if (op instanceof RotaryEmbedding rotary) {
      rotary(rotary);
    } else if (op instanceof SwiGlu) {
      for (int i = 0; i < y.length; i++) {
        double a = x[i / cols * 2 * cols + i % cols];
        y[i] = a / (1 + Math.exp(-a)) * x[i / cols * 2 * cols + cols + i % cols];
      }
    } else if (op instanceof Attention attention) {
      attention(attention);
    } else if (op instanceof Embedding) {
      for (int i = 0; i < y.length; i++) {
        y[i] = x[(int) in.get(1)[i / cols] * cols + i % cols];
      }
    } else if (op instanceof AddPositions) {
      for (int i = 0; i < y.length; i++) {
        y[i] = x[i] + in.get(1)[i % in.get(1).length];
      }
    } else if (op instanceof ClassToken token) {
      int length = token.length() + 1;
      for (int i = 0; i < y.length; i++) {
        int row = i / cols;
        boolean first = row % length == 0;
        int from = (row / length * token.length() + row % length - 1) * cols + i % cols;
        y[i] = first ? in.get(1)[i % cols] : x[from];
      }
    } else if (op instanceof FirstRows rows) {
      for (int i = 0; i < y.length; i++) {
        y[i] = x[i / cols * rows.length() * cols + i % cols];
      }
    } else if (op instanceof DropPath) {
      int each = y.length / in.get(1).length;
      for (int i = 0; i < y.length; i++) {
        y[i] = x[i] * in.get(1)[i / each];
      }
    } else {
      throw new AssertionError("no reference for " + op);
    }
    return y;
  }

  private void convolution(ConvolutionShape s, double[] bias) {
    int at = 0;
    for (int n = 0; n < s.batch(); n++) {
      for (int oy = 0; oy < s.outputHeight(); oy++) {
        for (int ox = 0; ox < s.outputWidth(); ox++) {
          for (int f = 0; f < s.filters(); f++) {
            double sum = bias == null ? 0 : bias[f];
            for (int ky = 0; ky < s.kernelHeight(); ky++) {
              for (int kx = 0; kx < s.kernelWidth(); kx++) {
                int iy = oy * s.stride() - s.padding() + ky * s.dilation();
                int ix = ox * s.stride() - s.padding() + kx * s.dilation();
                if (iy < 0 || iy >= s.height() || ix < 0 || ix >= s.width()) {
                  continue;
                }
                for (int c = 0; c < s.channels(); c++) {
                  double w =
                      in.get(1)[((ky * s.kernelWidth() + kx) * s.channels() + c) * s.filters() + f];
                  sum += in.get(0)[((n * s.height() + iy) * s.width() + ix) * s.channels() + c] * w;
                }
              }
            }
            y[at++] = sum;
          }
        }
      }
    }
  }

  private void pool(PoolingShape s, boolean max) {
    int at = 0;
    for (int n = 0; n < s.batch(); n++) {
      for (int oy = 0; oy < s.outputHeight(); oy++) {
        for (int ox = 0; ox < s.outputWidth(); ox++) {
          for (int c = 0; c < s.channels(); c++) {
            double sum = 0;
            double largest = Double.NEGATIVE_INFINITY;
            double second = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < s.window(); k++) {
              int iy = oy * s.stride() - s.padding() + k / s.windowWidth();
              int ix = ox * s.stride() - s.padding() + k % s.windowWidth();
              if (iy >= 0 && iy < s.height() && ix >= 0 && ix < s.width()) {
                double x = in.get(0)[((n * s.height() + iy) * s.width() + ix) * s.channels() + c];
                sum += x;
                second = Math.max(second, Math.min(largest, x));
                largest = Math.max(largest, x);
              }
            }
            // Elements are equal where ReLU cut them off, and nothing flows to any of them.
            if (max && largest != second) {
              margin = Math.min(margin, largest - second);
            }
            y[at++] = max ? largest : sum / s.window();
          }
        }
      }
    }
  }

  /** In evaluation at the statistics a program starts with: mean 0, variance 1. */
  private void batchNorm(BatchNorm norm) {
    int rows = value.shape().rows();
    int cols = value.shape().cols();
    for (int j = 0; j < cols; j++) {
      double mean = 0;
      double variance = 0;
      for (int i = 0; i < rows; i++) {
        mean += in.get(0)[i * cols + j] / rows;
      }
      for (int i = 0; i < rows; i++) {
        variance += Math.pow(in.get(0)[i * cols + j] - mean, 2) / rows;
      }
      if (norm.training()) {
        // A channel that hardly varies has derivatives beyond all bounds.
        margin = Math.min(margin, variance / 10);
      } else {
        mean = 0;
        variance = 1;
      }
      for (int i = 0; i < rows; i++) {
        double h = (in.get(0)[i * cols + j] - mean) / Math.sqrt(variance + norm.epsilon());
        y[i * cols + j] = in.get(1)[j] * h + in.get(2)[j];
      }
    }
  }

  private void rowNorm(RowNorm norm) {
    int cols = value.shape().cols();
    for (int row = 0; row < y.length; row += cols) {
      double mean = 0;
      double square = 0;
      for (int j = 0; norm.norm().centred() && j < cols; j++) {
        mean += in.get(0)[row + j] / cols;
      }
      for (int j = 0; j < cols; j++) {
        square += Math.pow(in.get(0)[row + j] - mean, 2) / cols;
      }
      for (int j = 0; j < cols; j++) {
        double h = (in.get(0)[row + j] - mean) / Math.sqrt(square + norm.norm().eps());
        y[row + j] = in.get(1)[j] * h + (norm.norm().centred() ? in.get(2)[j] : 0);
      }
    }
  }

  private void rotary(RotaryEmbedding rotary) {
    int cols = value.shape().cols();
    int half = rotary.width() / 2;
    System.arraycopy(in.get(0), 0, y, 0, y.length);
    for (int i = 0; i < value.shape().rows(); i++) {
      for (int head = 0; head < rotary.heads(); head++) {
        for (int j = 0; j < half; j++) {
          int a = i * cols + head * rotary.width() + j;
          double angle = i % rotary.length() * Math.pow(rotary.base(), -2.0 * j / rotary.width());
          double u = in.get(0)[a];
          double v = in.get(0)[a + half];
          y[a] = u * Math.cos(angle) - v * Math.sin(angle);
          y[a + half] = u * Math.sin(angle) + v * Math.cos(angle);
        }
      }
    }
  }

  private void attention(Attention a) {
    int cols = shape(0).cols();
    int dim = cols / (a.heads() + 2 * a.keyHeads());
    int group = a.heads() / a.keyHeads();
    for (int i = 0; i < shape(0).rows(); i++) {
      int start = i / a.length() * a.length();
      int end = a.causal() ? i + 1 : start + a.length();
      for (int h = 0; h < a.heads(); h++) {
        int key = a.heads() * dim + h / group * dim;
        double[] p = new double[end - start];
        double total = 0;
        for (int j = start; j < end; j++) {
          double score = 0;
          for (int c = 0; c < dim; c++) {
            score += in.get(0)[i * cols + h * dim + c] * in.get(0)[j * cols + key + c];
          }
          total += p[j - start] = Math.exp(score / Math.sqrt(dim));
        }
        for (int c = 0; c < dim; c++) {
          for (int j = start; j < end; j++) {
            y[i * a.heads() * dim + h * dim + c] +=
                p[j - start] / total * in.get(0)[j * cols + key + a.keyHeads() * dim + c];
          }
        }
      }
    }
  }
}
