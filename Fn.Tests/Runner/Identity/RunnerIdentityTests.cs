using Fn.Runner.Identity;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Runner.Identity;

/// <summary>Each identity stands for a process: its lock is a file handle of its own, which falls when it is disposed.</summary>
public sealed class RunnerIdentityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fn-identity-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Id_BeforeItIsAcquired_Throws()
    {
        using var identity = New();

        Assert.Throws<InvalidOperationException>(() => identity.Id);
    }

    [Fact]
    public void Acquire_NewDirectory_TakesTheFirstLockAndKeepsANewId()
    {
        using var identity = New();
        var dead = identity.Acquire();

        Assert.Matches("^[0-9a-f]{32}$", identity.Id);
        Assert.Equal([identity.Id], dead);
        Assert.Equal(identity.Id, File.ReadAllText(PathOf("0.id")));
        Assert.True(File.Exists(PathOf("0.lock")));
    }

    [Fact]
    public void Acquire_AfterARestart_HasTheSameId()
    {
        var first = Acquired().Id;
        using (var again = New())
        {
            again.Acquire();
            Assert.Equal(first, again.Id);
        }
    }

    [Fact]
    public void Acquire_AnotherRunnerLives_TakesTheNextLockAndNotItsContainers()
    {
        using var one = New();
        using var two = New();
        using var three = New();
        one.Acquire();

        var removable = two.Acquire();
        Assert.Equal([two.Id], removable);
        three.Acquire();

        Assert.Equal(3, new[] { one.Id, two.Id, three.Id }.Distinct().Count());
        Assert.True(File.Exists(PathOf("2.lock")));
    }

    [Fact]
    public void Acquire_SomeRunnersDied_ReturnsTheirIdsAndNoOther()
    {
        var ids = new List<string>();
        var runners = Enumerable.Range(0, 4).Select(_ => New()).ToList();
        runners.ForEach(runner => runner.Acquire());
        ids.AddRange(runners.Select(runner => runner.Id));
        runners[0].Dispose();
        runners[2].Dispose();

        using var next = New();
        var dead = next.Acquire();

        Assert.Equal(ids[0], next.Id);
        Assert.Equal([ids[0], ids[2]], dead);
        runners[1].Dispose();
        runners[3].Dispose();
    }

    [Fact]
    public void Acquire_DeadRunnersLeftoversAreBeingRemoved_NobodyBecomesThatRunner()
    {
        var runners = new[] { New(), New() };
        foreach (var runner in runners)
            runner.Acquire();
        foreach (var runner in runners)
            runner.Dispose();

        // The first to come back removes what both left; the second comes back meanwhile.
        using var first = New();
        using var second = New();
        var dead = first.Acquire();
        second.Acquire();
        Assert.DoesNotContain(second.Id, dead);

        first.ReleaseDead();
        using var third = New();
        third.Acquire();
        Assert.Equal(runners[1].Id, third.Id);
    }

    [Fact]
    public void Acquire_IdFileIsDamaged_MakesANewOne()
    {
        var first = Acquired().Id;
        File.WriteAllText(PathOf("0.id"), "0198\n");

        using var again = New();
        again.Acquire();

        Assert.NotEqual(first, again.Id);
        Assert.Equal(again.Id, File.ReadAllText(PathOf("0.id")));
    }

    [Fact]
    public async Task Acquire_ManyAtOnce_EachHasItsOwn()
    {
        var runners = Enumerable.Range(0, 16).Select(_ => New()).ToList();
        await Task.WhenAll(runners.Select(runner => Task.Run(runner.Acquire, TestContext.Current.CancellationToken)));

        Assert.Equal(16, runners.Select(runner => runner.Id).Distinct().Count());
        runners.ForEach(runner => runner.Dispose());
    }

    private RunnerIdentity New() => new(Options.Create(new DataOptions { DataDirectory = _folder }));

    /// <summary>A runner that has lived and died.</summary>
    private RunnerIdentity Acquired()
    {
        var identity = New();
        identity.Acquire();
        identity.Dispose();
        return identity;
    }

    private string PathOf(string file) => Path.Combine(_folder, "runners", file);
}
