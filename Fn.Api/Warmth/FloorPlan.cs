using Fn.Api.Placement;

namespace Fn.Api.Warmth;

/// <summary>
/// On which runners a function's containers are kept: a pure function of the functions and the runners, so that all gateways that see the same come to the
/// same. Spread over the runners in the function's rendezvous order, so that the loss of one does not take all of them and one that comes or goes moves few.
/// </summary>
internal static class FloorPlan
{
    /// <summary>How many are kept on each runner. What finds no memory is left out.</summary>
    /// <param name="function">The function's hash.</param>
    /// <param name="count">How many it asks for.</param>
    /// <param name="bytes">Memory of one.</param>
    /// <param name="runners">The runners' hashes.</param>
    /// <param name="left">Memory of each runner that no other function has been given; what this one is given is taken off.</param>
    public static int[] Spread(ulong function, int count, long bytes, ReadOnlySpan<ulong> runners, Span<long> left)
    {
        var shares = new int[runners.Length];
        var order = new int[runners.Length];
        var weights = new ulong[runners.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            weights[i] = ulong.MaxValue - Rendezvous.Weight(function, runners[i]);
        }
        Array.Sort(weights, order);
        for (var given = true; given && count > 0;)
        {
            given = false;
            foreach (var runner in order)
            {
                if (count == 0 || left[runner] < bytes)
                    continue;
                left[runner] -= bytes;
                shares[runner]++;
                count--;
                given = true;
            }
        }
        return shares;
    }
}
