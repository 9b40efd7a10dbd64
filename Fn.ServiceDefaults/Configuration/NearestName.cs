namespace Fn.ServiceDefaults.Configuration;

/// <summary>Finds the name somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest typing slips from <paramref name="given"/>; null when all are too far for a slip (over a third of its letters).</summary>
    public static string? Find(string given, IEnumerable<string> known)
    {
        var nearest = known.MinBy(name => SlipsTo(name));
        return nearest is not null && SlipsTo(nearest) * 3 <= Math.Max(given.Length, nearest.Length) ? nearest : null;

        int SlipsTo(string name) => Slips(given.ToUpperInvariant(), name.ToUpperInvariant());
    }

    /// <summary>Letters left out, added, changed, or swapped with their neighbour (optimal string alignment).</summary>
    private static int Slips(string from, string to)
    {
        var cost = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }
                var change = from[i - 1] == to[j - 1] ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j] + 1, cost[i, j - 1] + 1), cost[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[from.Length, to.Length];
    }
}
