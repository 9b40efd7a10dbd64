using System.Collections.Concurrent;
using System.Diagnostics;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.Runner.Drivers.Oci;
using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Drivers.Oci.Runtime;

namespace Fn.Bench.Cold;

/// <summary>A runtime as somebody calls it who has written the container's configuration before: <c>crun run</c>, streams on pipes.</summary>
internal sealed class BareRuntime(RuntimeSetup setup, MountedImage image, string directory)
{
    private int _runs;

    /// <summary>Milliseconds from the call of the runtime to the first answer.</summary>
    public async Task<double> RunAsync(CancellationToken cancel)
    {
        var (took, started) = await StartAsync(cancel);
        await started.EndAsync();
        return took;
    }

    /// <summary>Containers a second until their first answers, at the best of one, two, four and eight at once; they end after that.</summary>
    public async Task<double> BestRateAsync(int each, CancellationToken cancel)
    {
        double best = 0;
        foreach (var atOnce in (int[])[1, 2, 4, 8])
            best = Math.Max(best, await RateAsync(atOnce, each, cancel));
        return best;
    }

    private async Task<double> RateAsync(int atOnce, int each, CancellationToken cancel)
    {
        var all = new ConcurrentBag<Started>();
        try
        {
            var begun = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
            {
                for (var i = 0; i < each; i++)
                    all.Add((await StartAsync(cancel)).Started);
            }));
            return all.Count / (FirstAnswer.Millis(begun) / 1000);
        }
        finally
        {
            foreach (var started in all)
                await started.EndAsync();
        }
    }

    private async Task<(double Took, Started Started)> StartAsync(CancellationToken cancel)
    {
        var (spec, place) = Prepare();
        var info = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        var words = (List<string>)[.. Unsharing(), .. setup.Program.Words(setup.Cgroups, place.StateOf(setup.Program.Kind), "run", "--bundle", place.Directory, spec.Id)];
        info.FileName = words[0];
        foreach (var word in words.Skip(1))
            info.ArgumentList.Add(word);
        var begun = Stopwatch.GetTimestamp();
        var process = Process.Start(info)!;
        var started = new Started(process, place);
        try
        {
            await FirstAnswer.ReadAsync(process.StandardInput.BaseStream, process.StandardOutput.BaseStream, cancel);
            return (FirstAnswer.Millis(begun), started);
        }
        catch
        {
            await started.EndAsync();
            throw;
        }
    }

    /// <summary>What hides from the runtime what it must not see.</summary>
    private IEnumerable<string> Unsharing() =>
        setup.Program.Unseen(setup.Cgroups) is { } unseen ? ["unshare", "--mount", "--", "sh", "-c", "umount \"$0\" && exec \"$@\"", unseen] : [];

    private (ContainerSpec Spec, ContainerPlace Place) Prepare()
    {
        var id = $"bare-{setup.Program.Kind}-{Interlocked.Increment(ref _runs)}";
        var spec = ColdBench.Spec(id);
        var place = new ContainerPlace(Directory.CreateDirectory(Path.Combine(directory, id)).FullName);
        new RuntimeConfig(image.Config, ContainerUser.Default, new ContainerOptions(), setup.Cgroups, setup.Init).Write(place.ConfigFile, spec, image.Root);
        return (spec, place);
    }

    /// <summary>A container, which ends when its input does.</summary>
    private sealed record Started(Process Process, ContainerPlace Place)
    {
        public async Task EndAsync()
        {
            Process.StandardInput.Close();
            await Process.WaitForExitAsync();
            Process.Dispose();
            Directory.Delete(Place.Directory, recursive: true);
        }
    }
}
