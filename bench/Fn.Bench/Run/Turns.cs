namespace Fn.Bench.Run;

/// <summary>Measures several sides of a comparison in turn, each round beginning with another one: what else the machine does meets all of them alike.</summary>
internal static class Turns
{
    /// <returns>For each side what its rounds gave.</returns>
    public static async Task<IReadOnlyList<IReadOnlyList<T>>> MeasureAsync<T>(int rounds, IReadOnlyList<Func<Task<T>>> sides)
    {
        var results = sides.Select(_ => new List<T>()).ToList();
        for (var round = 0; round < rounds; round++)
        {
            var some = await RoundAsync(round, sides);
            for (var side = 0; side < sides.Count; side++)
                results[side].Add(some[side]);
        }
        return results;
    }

    /// <returns>What one round gave for each side.</returns>
    public static async Task<IReadOnlyList<T>> RoundAsync<T>(int round, IReadOnlyList<Func<Task<T>>> sides)
    {
        var results = new T[sides.Count];
        for (var i = 0; i < sides.Count; i++)
        {
            var side = (round + i) % sides.Count;
            results[side] = await sides[side]();
        }
        return results;
    }
}
