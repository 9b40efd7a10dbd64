namespace Fn.Bench.Cold;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">Starts of each kind that count.</param>
/// <param name="BareStarts">How many containers each caller starts when the runtime's best rate is looked for.</param>
/// <param name="ManyRuntimes">The runtimes with which many functions are called at once.</param>
/// <param name="ManyRounds">How often they are once platform and caller are compiled; 0: only the first time.</param>
/// <param name="Thousand">Whether a thousand are called at once after that.</param>
internal sealed record ColdScale(int Rounds, int BareStarts, IReadOnlyList<string> ManyRuntimes, int ManyRounds, bool Thousand)
{
    public static readonly ColdScale Full = new(30, 10, ["crun", "runc"], 3, Thousand: true);
}
