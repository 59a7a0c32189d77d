// Passes over features and pictures that the libraries do several times slower than a card's memory allows.
// `kernels.py` says what each gives. Features are bfloat16 in channels-last memory: a uint4 is 8 channels of one
// position, and two features compare as signed integers of 16 bits: they are rectified, so none is below 0 but -0.

__device__ float low(unsigned pair) { return __uint_as_float(pair << 16); }
__device__ float high(unsigned pair) { return __uint_as_float(pair & 0xffff0000u); }
__device__ float widened(unsigned short value) { return __uint_as_float((unsigned)value << 16); }

__device__ unsigned rectified(float first, float second) {
  unsigned pair;
  asm("cvt.rn.relu.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
}

__device__ unsigned short rounded(float value) {
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %1;" : "=r"(pair) : "f"(value));
  return (unsigned short)pair;
}

__device__ uint4 larger(uint4 a, uint4 b) {
  return make_uint4(__vmaxs2(a.x, b.x), __vmaxs2(a.y, b.y), __vmaxs2(a.z, b.z), __vmaxs2(a.w, b.w));
}

__device__ uint4 lit(uint4 features) {
  return make_uint4(__vcmpgts2(features.x, 0), __vcmpgts2(features.y, 0), __vcmpgts2(features.z, 0),
                    __vcmpgts2(features.w, 0));
}

__device__ uint4 both(uint4 a, uint4 b) { return make_uint4(a.x & b.x, a.y & b.y, a.z & b.z, a.w & b.w); }

// ---- pooling ----------------------------------------------------------------------------------------------------

struct Window {
  int corner, right, below;  // where its first position lies, and how far the others are off; 0 where there is none
};

__device__ Window window_of(int index, int rows, int columns, int groups) {
  const int across = (columns + 1) / 2;
  const int group = index % groups, place = index / groups;
  const int row = place / across * 2, column = place % across * 2;
  return {(row * columns + column) * groups + group, column + 1 < columns ? groups : 0,
          row + 1 < rows ? columns * groups : 0};
}

extern "C" __global__ void maxima_of(const uint4* features, uint4* maxima, int rows, int columns, int groups) {
  const int index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= (rows + 1) / 2 * ((columns + 1) / 2) * groups) return;
  const Window w = window_of(index, rows, columns, groups);
  const uint4* at = features + w.corner;
  maxima[index] = larger(larger(at[0], at[w.right]), larger(at[w.below], at[w.below + w.right]));
}

__device__ unsigned claimed(unsigned feature, unsigned maximum, unsigned slope, unsigned& open) {
  const unsigned here = __vcmpeq2(feature, maximum) & open;
  open &= ~here;
  return slope & here;
}

__device__ uint4 claimed(uint4 feature, uint4 maximum, uint4 slope, uint4& open) {
  return make_uint4(claimed(feature.x, maximum.x, slope.x, open.x), claimed(feature.y, maximum.y, slope.y, open.y),
                    claimed(feature.z, maximum.z, slope.z, open.z), claimed(feature.w, maximum.w, slope.w, open.w));
}

extern "C" __global__ void spread_over(const uint4* features, const uint4* maxima, const uint4* slopes, uint4* spread,
                                       int rows, int columns, int groups) {
  const int index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= (rows + 1) / 2 * ((columns + 1) / 2) * groups) return;
  const Window w = window_of(index, rows, columns, groups);
  const uint4 maximum = maxima[index], slope = slopes[index];
  uint4 open = lit(maximum);  // the first of equal ones takes all, as PyTorch has it
  const int corners[4] = {0, w.right, w.below, w.below + w.right};
  const bool is_there[4] = {true, w.right > 0, w.below > 0, w.right > 0 && w.below > 0};
#pragma unroll
  for (int corner = 0; corner < 4; corner++) {
    const int at = w.corner + corners[corner];
    if (is_there[corner]) spread[at] = claimed(features[at], maximum, slope, open);
  }
}

// ---- the first convolution --------------------------------------------------------------------------------------

#define COLOURS 3
#define REACH 9          // positions of a 3x3 window
#define TAPS 27          // colours of its positions
#define MOST_CHANNELS 128
#define ACROSS 32  // threads of a block along a row
#define DOWN 8     // and along a column
#define BELOW 2    // positions of a thread, one below the other: what it reads of weights serves all of them

// weight: (channels, 3, 3, colours), as channels-last memory has it
extern "C" __global__ void __launch_bounds__(ACROSS* DOWN)
    first_features(const unsigned short* picture, const unsigned short* weight, const unsigned short* bias,
                   uint4* features, int rows, int columns, int channels) {
  __shared__ __align__(16) float weights[TAPS * MOST_CHANNELS], biases[MOST_CHANNELS];
  const int thread = threadIdx.y * ACROSS + threadIdx.x;
  for (int i = thread; i < TAPS * channels; i += ACROSS * DOWN)
    weights[i] = widened(weight[i % channels * TAPS + i / channels]);
  for (int i = thread; i < channels; i += ACROSS * DOWN) biases[i] = widened(bias[i]);
  __syncthreads();
  const int column = blockIdx.x * ACROSS + threadIdx.x, row = (blockIdx.y * DOWN + threadIdx.y) * BELOW;
  if (column >= columns || row >= rows) return;
  float seen[BELOW + 2][3][COLOURS];
#pragma unroll
  for (int r = 0; r < BELOW + 2; r++)
#pragma unroll
    for (int c = 0; c < 3; c++) {
      const int y = row - 1 + r, x = column - 1 + c;
      const bool is_inside = y >= 0 && y < rows && x >= 0 && x < columns;
#pragma unroll
      for (int k = 0; k < COLOURS; k++)
        seen[r][c][k] = is_inside ? widened(picture[(k * rows + y) * columns + x]) : 0.0f;
    }
  for (int channel = 0; channel < channels; channel += 8) {
    float sums[BELOW][8];
#pragma unroll
    for (int p = 0; p < BELOW; p++)
#pragma unroll
      for (int i = 0; i < 8; i++) sums[p][i] = biases[channel + i];
#pragma unroll
    for (int r = 0; r < 3; r++)
#pragma unroll
      for (int c = 0; c < 3; c++)
#pragma unroll
        for (int k = 0; k < COLOURS; k++) {
          const float4* own = (const float4*)(weights + ((r * 3 + c) * COLOURS + k) * channels + channel);
          const float4 a = own[0], b = own[1];
#pragma unroll
          for (int p = 0; p < BELOW; p++) {
            const float x = seen[r + p][c][k];
            float* s = sums[p];
            s[0] += a.x * x, s[1] += a.y * x, s[2] += a.z * x, s[3] += a.w * x;
            s[4] += b.x * x, s[5] += b.y * x, s[6] += b.z * x, s[7] += b.w * x;
          }
        }
#pragma unroll
    for (int p = 0; p < BELOW; p++)
      if (row + p < rows) {
        const float* s = sums[p];
        features[(((row + p) * columns + column) * channels + channel) / 8] =
            make_uint4(rectified(s[0], s[1]), rectified(s[2], s[3]), rectified(s[4], s[5]), rectified(s[6], s[7]));
      }
  }
}

#define STEP 16  // channels at a time
#define TILE_COLUMNS (ACROSS + 2)
#define TILE_ROWS (BELOW * DOWN + 2)
#define PITCH 3  // uint4 per position: two of channels, and one that keeps a warp's reads off each other's banks

extern "C" __global__ void __launch_bounds__(ACROSS* DOWN)
    first_slopes(const uint4* features, const uint4* slopes, const unsigned short* weight, unsigned short* gradient,
                 int rows, int columns, int channels) {
  __shared__ uint4 tile[TILE_ROWS * TILE_COLUMNS * PITCH];
  __shared__ __align__(16) float weights[TAPS * STEP];
  const int thread = threadIdx.y * ACROSS + threadIdx.x;
  const int left = blockIdx.x * ACROSS - 1, top = blockIdx.y * DOWN * BELOW - 1;
  float sums[BELOW][COLOURS] = {};
  for (int channel = 0; channel < channels; channel += STEP) {
    for (int i = thread; i < TAPS * STEP; i += ACROSS * DOWN)
      weights[i] = widened(weight[(channel + i % STEP) * TAPS + i / STEP]);
    for (int i = thread; i < TILE_ROWS * TILE_COLUMNS * 2; i += ACROSS * DOWN) {
      const int place = i / 2, half = i % 2;
      const int y = top + place / TILE_COLUMNS, x = left + place % TILE_COLUMNS;
      uint4 slope = make_uint4(0, 0, 0, 0);
      if (y >= 0 && y < rows && x >= 0 && x < columns) {
        const int at = ((y * columns + x) * channels + channel) / 8 + half;
        slope = both(slopes[at], lit(features[at]));
      }
      tile[place * PITCH + half] = slope;
    }
    __syncthreads();
#pragma unroll
    for (int c = 0; c < 3; c++)
#pragma unroll
      for (int half = 0; half < 2; half++) {
        float seen[BELOW + 2][8];
#pragma unroll
        for (int r = 0; r < BELOW + 2; r++) {
          const uint4 eight = tile[((BELOW * threadIdx.y + r) * TILE_COLUMNS + threadIdx.x + c) * PITCH + half];
          float* s = seen[r];
          s[0] = low(eight.x), s[1] = high(eight.x), s[2] = low(eight.y), s[3] = high(eight.y);
          s[4] = low(eight.z), s[5] = high(eight.z), s[6] = low(eight.w), s[7] = high(eight.w);
        }
#pragma unroll
        for (int r = 0; r < 3; r++)
#pragma unroll
          for (int k = 0; k < COLOURS; k++) {
            // what a weight carried from here to there it carries back: its window is turned about
            const float4* own = (const float4*)(weights + (((2 - r) * 3 + 2 - c) * COLOURS + k) * STEP + 8 * half);
            const float4 a = own[0], b = own[1];
#pragma unroll
            for (int p = 0; p < BELOW; p++) {
              const float* s = seen[r + p];
              sums[p][k] += a.x * s[0] + a.y * s[1] + a.z * s[2] + a.w * s[3];
              sums[p][k] += b.x * s[4] + b.y * s[5] + b.z * s[6] + b.w * s[7];
            }
          }
      }
    __syncthreads();
  }
  const int column = blockIdx.x * ACROSS + threadIdx.x, row = (blockIdx.y * DOWN + threadIdx.y) * BELOW;
  if (column >= columns) return;
#pragma unroll
  for (int p = 0; p < BELOW; p++)
    if (row + p < rows)
#pragma unroll
      for (int k = 0; k < COLOURS; k++) gradient[(k * rows + row + p) * columns + column] = rounded(sums[p][k]);
}

// ---- total variation --------------------------------------------------------------------------------------------

#define THREADS 256
#define EACH 4  // numbers of a thread

// planes of rows x columns; squares: one sum a block, of the steps to the right and down
extern "C" __global__ void __launch_bounds__(THREADS)
    variation_of(const float* picture, float* gradient, float* squares, int numbers, int rows, int columns,
                 float factor) {
  float sum = 0.0f;
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    const int at = (blockIdx.x * EACH + i) * THREADS + threadIdx.x;
    if (at >= numbers) break;
    const int column = at % columns, row = at / columns % rows;
    const float own = picture[at];
    const float right = column + 1 < columns ? picture[at + 1] - own : 0.0f;
    const float down = row + 1 < rows ? picture[at + columns] - own : 0.0f;
    const float left = column > 0 ? own - picture[at - 1] : 0.0f;
    const float up = row > 0 ? own - picture[at - columns] : 0.0f;
    gradient[at] += factor * (left - right + up - down);
    sum += right * right + down * down;
  }
  __shared__ float sums[THREADS / 32];
  for (int apart = 16; apart; apart /= 2) sum += __shfl_down_sync(~0u, sum, apart);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x) return;
  for (int i = 1; i < THREADS / 32; i++) sum += sums[i];
  squares[blockIdx.x] = sum;
}
