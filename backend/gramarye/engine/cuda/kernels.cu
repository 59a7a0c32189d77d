// Max pooling, the first convolution and total variation, with their backward passes; see kernels.py.
// Features are bfloat16 in channels-last memory; a uint4 holds 8 channels of one position. Features are outputs of a
// ReLU, so none is negative except -0, and they compare as signed 16-bit integers.

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
  int corner, right, below;  // index of the first position, and offsets of the others; 0 outside the picture
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
  uint4 open = lit(maximum);  // the first of equal maxima gets the whole gradient, as in PyTorch
  const int corners[4] = {0, w.right, w.below, w.below + w.right};
  const bool is_there[4] = {true, w.right > 0, w.below > 0, w.right > 0 && w.below > 0};
#pragma unroll
  for (int corner = 0; corner < 4; corner++) {
    const int at = w.corner + corners[corner];
    if (is_there[corner]) spread[at] = claimed(features[at], maximum, slope, open);
  }
}

// ---- the first convolution --------------------------------------------------------------------------------------
//
// Uses the tensor cores (PTX mma.m16n8k16): a warp multiplies a 16 x 16 matrix (positions x window values) by a 16 x 8
// matrix (window values x channels). Of a lane's fragment, g is the position or channel, and t selects two values.

#define COLOURS 3
#define TAPS 27  // colours of all positions of a 3x3 window
#define MOST_CHANNELS 128
#define STEP 16    // channels per iteration
#define ACROSS 32  // positions per block along a row: two products of 16
#define DOWN 16    // positions per block along a column: two for each warp
#define THREADS_OF_BLOCK (DOWN / 2 * 32)
#define TILE_COLUMNS (ACROSS + 2)
#define TILE_ROWS (DOWN + 2)

__device__ void multiply(float (&sums)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ unsigned pair_at(const unsigned short* numbers) { return *(const unsigned*)numbers; }

#define ROOM 40  // values per channel: 27 weights, zeros up to 32, and padding against bank conflicts

// weight: (channels, 3, 3, colours), the order of channels-last memory
extern "C" __global__ void __launch_bounds__(THREADS_OF_BLOCK)
    first_features(const unsigned short* picture, const unsigned short* weight, const unsigned short* bias,
                   uint2* features, int rows, int columns, int channels) {
  __shared__ unsigned short seen[COLOURS * TILE_ROWS * TILE_COLUMNS];
  __shared__ __align__(16) unsigned short weights[MOST_CHANNELS * ROOM];
  __shared__ float biases[MOST_CHANNELS];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, g = lane / 4, t = lane % 4;
  const int left = blockIdx.x * ACROSS, top = blockIdx.y * DOWN;
  for (int i = threadIdx.x; i < COLOURS * TILE_ROWS * TILE_COLUMNS; i += THREADS_OF_BLOCK) {
    const int x = left - 1 + i % TILE_COLUMNS, y = top - 1 + i / TILE_COLUMNS % TILE_ROWS;
    const int colour = i / (TILE_COLUMNS * TILE_ROWS);
    const bool is_inside = y >= 0 && y < rows && x >= 0 && x < columns;
    seen[i] = is_inside ? picture[(colour * rows + y) * columns + x] : 0;
  }
  for (int i = threadIdx.x; i < channels * 32; i += THREADS_OF_BLOCK) {
    // in the order of two products, so that a lane's sums belong to four adjacent channels
    const int place = i / 32, k = i % 32;
    const int channel = place / STEP * STEP + place % 8 / 2 * 4 + place / 8 % 2 * 2 + place % 2;
    weights[place * ROOM + k] = k < TAPS ? weight[channel * TAPS + k] : 0;
  }
  for (int i = threadIdx.x; i < channels; i += THREADS_OF_BLOCK) biases[i] = widened(bias[i]);
  __syncthreads();
  int offsets[8];  // of the lane's values k in the window; values beyond the last have weight 0, so any offset will do
#pragma unroll
  for (int i = 0; i < 8; i++) {
    const int number = i / 2 * 8 + 2 * t + i % 2, k = number < TAPS ? number : 0;
    offsets[i] = (k % COLOURS * TILE_ROWS + k / 9) * TILE_COLUMNS + k / 3 % 3;
  }
  unsigned windows[4][2][4];
#pragma unroll
  for (int m = 0; m < 4; m++)
#pragma unroll
    for (int part = 0; part < 2; part++)
#pragma unroll
      for (int q = 0; q < 4; q++) {
        const unsigned short* at = seen + (2 * warp + m / 2) * TILE_COLUMNS + m % 2 * 16 + g + q % 2 * 8;
        const int first = part * 4 + q / 2 * 2;
        windows[m][part][q] = at[offsets[first]] | (unsigned)at[offsets[first + 1]] << 16;
      }
  for (int channel = 0; channel < channels; channel += STEP) {
    unsigned own[2][2][2];
#pragma unroll
    for (int j = 0; j < 2; j++)
#pragma unroll
      for (int part = 0; part < 2; part++) {
        const unsigned short* at = weights + (channel + j * 8 + g) * ROOM + part * 16 + 2 * t;
        own[j][part][0] = pair_at(at), own[j][part][1] = pair_at(at + 8);
      }
#pragma unroll
    for (int m = 0; m < 4; m++) {
      float sums[2][4];
#pragma unroll
      for (int j = 0; j < 2; j++) {
        sums[j][0] = sums[j][2] = biases[channel + 4 * t + 2 * j];
        sums[j][1] = sums[j][3] = biases[channel + 4 * t + 2 * j + 1];
        multiply(sums[j], windows[m][0], own[j][0]);
        multiply(sums[j], windows[m][1], own[j][1]);
      }
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int y = top + 2 * warp + m / 2, x = left + m % 2 * 16 + g + half * 8;
        if (y < rows && x < columns)
          features[((y * columns + x) * channels + channel) / 4 + t] =
              make_uint2(rectified(sums[0][2 * half], sums[0][2 * half + 1]),
                         rectified(sums[1][2 * half], sums[1][2 * half + 1]));
      }
    }
  }
}

#define PITCH 3  // uint4 per position: two of channels, and one as padding against bank conflicts

extern "C" __global__ void __launch_bounds__(THREADS_OF_BLOCK)
    first_slopes(const uint4* features, const uint4* slopes, const unsigned short* weight, unsigned short* gradient,
                 int rows, int columns, int channels) {
  __shared__ uint4 tile[TILE_ROWS * TILE_COLUMNS * PITCH];
  __shared__ __align__(16) unsigned short weights[TAPS * STEP];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, g = lane / 4, t = lane % 4;
  const int left = blockIdx.x * ACROSS, top = blockIdx.y * DOWN;
  float sums[4][4] = {};
  for (int channel = 0; channel < channels; channel += STEP) {
    for (int i = threadIdx.x; i < TAPS * STEP; i += THREADS_OF_BLOCK)
      weights[i] = weight[(channel + i % STEP) * TAPS + i / STEP];
    for (int i = threadIdx.x; i < TILE_ROWS * TILE_COLUMNS * 2; i += THREADS_OF_BLOCK) {
      const int place = i / 2, half = i % 2;
      const int y = top - 1 + place / TILE_COLUMNS, x = left - 1 + place % TILE_COLUMNS;
      uint4 slope = make_uint4(0, 0, 0, 0);
      if (y >= 0 && y < rows && x >= 0 && x < columns) {
        const int at = ((y * columns + x) * channels + channel) / 8 + half;
        slope = both(slopes[at], lit(features[at]));
      }
      tile[place * PITCH + half] = slope;
    }
    __syncthreads();
#pragma unroll
    for (int r = 0; r < 3; r++)
#pragma unroll
      for (int c = 0; c < 3; c++) {
        const unsigned short* at = weights + ((r * 3 + c) * COLOURS + g) * STEP + 2 * t;
        const unsigned own[2] = {g < COLOURS ? pair_at(at) : 0, g < COLOURS ? pair_at(at + 8) : 0};
#pragma unroll
        for (int m = 0; m < 4; m++) {
          // the gradient takes the reverse path of the forward pass, so the window is rotated by 180 degrees
          const int row = 2 * warp + m / 2 + 2 - r, column = m % 2 * 16 + g + 2 - c;
          const unsigned* upper = (const unsigned*)(tile + (row * TILE_COLUMNS + column) * PITCH);
          const unsigned* lower = (const unsigned*)(tile + (row * TILE_COLUMNS + column + 8) * PITCH);
          const unsigned positions[4] = {upper[t], lower[t], upper[t + 4], lower[t + 4]};
          multiply(sums[m], positions, own);
        }
      }
    __syncthreads();
  }
#pragma unroll
  for (int m = 0; m < 4; m++)
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int y = top + 2 * warp + m / 2, x = left + m % 2 * 16 + g + i / 2 * 8, colour = 2 * t + i % 2;
      if (y < rows && x < columns && colour < COLOURS)
        gradient[(colour * rows + y) * columns + x] = rounded(sums[m][i]);
    }
}

// ---- total variation --------------------------------------------------------------------------------------------

#define THREADS 256
#define EACH 4  // values per thread

// picture: planes of rows x columns; squares: one sum per block, of the differences to the right and down
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
